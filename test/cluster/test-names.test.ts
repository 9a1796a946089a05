import { expect, it } from 'vitest';
import type { Kube } from './kube.ts';
import { changeCorefile, withTestNames, withoutTestNames } from './test-names.ts';

const names = { backend: '172.18.0.1', hasEdge: true };
/** With what breaks a change of the server block: another one before it, and a `hosts` in both. */
const corefile = `# of the platform team
corp.example:1053 {
    hosts {
        10.9.9.8 git.corp.example
    }
}
.:1053 {
    hosts {
        10.9.9.9 registry.example
        fallthrough
    }
    forward . /etc/resolv.conf
}
`;

it('leaves the server blocks that are there as they are', () => {
  const changed = withTestNames(corefile, names);
  expect(changed.endsWith(corefile)).toBe(true);
  expect(changed).toContain(
    'consonant.yourcompany.com:1053 consonant.company.com:1053 argotunnel.com:1053 {\n  errors\n  template IN SRV',
  );
  expect(changed).toContain('172.18.0.1 consonant.yourcompany.com consonant.company.com\n');
});

it('listens on port 53 where the Corefile names none', () => {
  expect(withTestNames('. {\n}\n', names)).toContain('argotunnel.com:53 {');
});

it('takes its names out again, also those of a run that was killed', () => {
  const changed = withTestNames(corefile, { backend: '172.18.0.2', hasEdge: false });
  expect(withTestNames(changed, names)).toBe(withTestNames(corefile, names));
  expect(withoutTestNames(withTestNames(changed, names))).toBe(corefile);
  expect(withoutTestNames(corefile)).toBe(corefile);
});

it('never lets cloudflared find the real edge', () => {
  const changed = withTestNames(corefile, { ...names, hasEdge: false });
  expect(changed).not.toContain('template');
  expect(changed).toContain('argotunnel.com:1053');
});

it('restarts CoreDNS once more when it was restarted within the same second', async () => {
  let restarts = 0;
  const kube = {
    get: async () => ({ data: { Corefile: corefile } }),
    kubectl: async ([verb, action]: readonly string[]) => {
      if (verb === 'rollout' && action === 'restart' && ++restarts === 1) throw new Error('please wait');
      return 'done';
    },
    tryKubectl: async () => ({ code: 0, stdout: '', stderr: '' }),
  } as unknown as Kube;
  await changeCorefile(kube, (before) => withTestNames(before, names));
  expect(restarts).toBe(2);
});
