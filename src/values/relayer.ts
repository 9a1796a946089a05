import { z } from 'zod';
import { Autoscaling } from './autoscaling.ts';
import { formatted, integer, optional, port } from './fields.ts';
import { formats } from './formats.ts';
import { Health } from './health.ts';
import { image } from './image.ts';
import { placement, pod } from './pod.ts';
import { Queue } from './queue.ts';

const mebibyte = 2 ** 20;

const Otel = z
  .strictObject({
    grpcPort: port(4317, 'Port of OTLP over gRPC'),
    httpPort: port(4318, 'Port of OTLP over HTTP'),
    maxRequestBytes: integer(
      { min: 1024, max: 512 * mebibyte },
      64 * mebibyte,
      'Largest request, in bytes, before and after decompression',
    ),
    maxConnectionAge: formatted(
      formats.duration,
      '10m',
      'Age at which a gRPC connection is closed so that senders spread over the pods; ± 10 %',
    ),
  })
  .prefault({})
  .describe('Receiver of telemetry');

export const Relayer = z
  .strictObject({
    replicas: integer({ min: 0, max: 1000 }, 3, 'Number of pods'),
    image: image(
      {
        registry: 'ghcr.io',
        repository: 'consonant/relayer',
        tag: optional(formats.imageTag, "Tag. Empty: the chart's appVersion"),
      },
      'Image of the relayer',
    ),
    logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info').describe('Log level'),
    otel: Otel,
    queue: Queue,
    health: Health,
    autoscaling: Autoscaling,
    ...placement,
    ...pod,
  })
  .prefault({})
  .describe('The relayer and its pods');
