import { describe, expect, it } from 'vitest';
import { podTemplates, render } from './render.ts';

const imagesOf = (values = {}): readonly string[] => [
  ...new Set(
    podTemplates(render(values)).flatMap(({ spec }) => spec.containers.map((one: { image: string }) => one.image)),
  ),
];
const digest = `sha256:${'a1'.repeat(32)}`;

describe('images', () => {
  it("are the relayer's for every pod, and cloudflared's", () => {
    expect(imagesOf()).toEqual([
      'ghcr.io/consonant/relayer:1.0.0',
      expect.stringMatching(/^docker\.io\/cloudflare\/cloudflared:\d/),
    ]);
  });

  it('have the registry, name and tag that are set', () => {
    const image = { registry: 'localhost:5000/a', repository: 'b/c', tag: 'v1' };
    expect(imagesOf({ relayer: { image }, cloudflare: { sidecar: { image } } })).toEqual(['localhost:5000/a/b/c:v1']);
  });

  it('may have no registry', () => {
    expect(imagesOf({ relayer: { image: { registry: '' } } })[0]).toBe('consonant/relayer:1.0.0');
  });

  it('are pinned by a digest, which wins over the tag', () => {
    const image = { tag: 'v1', digest };
    expect(imagesOf({ relayer: { image }, cloudflare: { sidecar: { image } } })).toEqual([
      `ghcr.io/consonant/relayer@${digest}`,
      `docker.io/cloudflare/cloudflared@${digest}`,
    ]);
  });

  it('come from the global registry when there is one', () => {
    for (const image of imagesOf({ global: { imageRegistry: 'mirror.example.com' } })) {
      expect(image).toMatch(/^mirror\.example\.com\/(consonant\/relayer|cloudflare\/cloudflared):/);
    }
  });

  it('are pulled as each is told', () => {
    const objects = render({
      relayer: { image: { pullPolicy: 'Always' } },
      cloudflare: { sidecar: { image: { pullPolicy: 'Never' } } },
    });
    for (const { spec } of podTemplates(objects)) {
      for (const { name, imagePullPolicy } of spec.containers) {
        expect(imagePullPolicy).toBe(name === 'cloudflared' ? 'Never' : 'Always');
      }
    }
  });
});
