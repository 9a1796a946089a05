import { chart, choose, concat, isNotEmpty, named, orDefault } from '../expression/build.ts';
import type { Expression } from '../expression/node.ts';
import { values } from '../values/references.ts';
import type { Values } from '../values/values.ts';
import type { References } from '../schema/references.ts';
import { chartName } from './names.ts';

type ImageValues = References<Values['relayer']['image']>;

/** `registry/repository:tag`, or `@digest`; a global registry goes before the image's own. */
function imageOf(helper: string, image: ImageValues, tag: Expression<string>): Expression<string> {
  const registry = orDefault(values.global.imageRegistry, image.registry);
  return named(
    `${chartName}.${helper}`,
    concat(
      choose(isNotEmpty(registry), concat(registry, '/'), ''),
      image.repository,
      choose(isNotEmpty(image.digest), concat('@', image.digest), concat(':', tag)),
    ),
  );
}

export const relayerImage: Expression<string> = imageOf(
  'image',
  values.relayer.image,
  orDefault(values.relayer.image.tag, chart.appVersion),
);

/** The tag that an empty one stands for: newer than 2025.4.0, the first with TUNNEL_TOKEN_FILE. */
const cloudflaredTag = values.cloudflare.sidecar.image.tag;
export const cloudflaredImage: Expression<string> = imageOf(
  'cloudflaredImage',
  values.cloudflare.sidecar.image,
  cloudflaredTag,
);
