import { z } from 'zod';
import { integer, port } from './fields.ts';

/** The timing of a probe, with Kubernetes' own names. Times are in seconds. */
interface Timing {
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

const seconds = { min: 1, max: 3600 };

const probe = (timing: Timing, description: string) =>
  z
    .strictObject({
      initialDelaySeconds: integer(
        { min: 0, max: 3600 },
        timing.initialDelaySeconds,
        'Time before the first check, in seconds',
      ),
      periodSeconds: integer(seconds, timing.periodSeconds, 'Time between two checks, in seconds'),
      timeoutSeconds: integer(seconds, timing.timeoutSeconds, 'Time a check may take, in seconds'),
      failureThreshold: integer({ min: 1, max: 1000 }, timing.failureThreshold, 'Failed checks in a row that count'),
    })
    .prefault({})
    .describe(description);

export const Health = z
  .strictObject({
    port: port(8080, 'Port of `/health`, `/livez`, `/readyz` and `/metrics`'),
    liveness: probe(
      { initialDelaySeconds: 0, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 6 },
      'Liveness probe: the container is restarted when it fails',
    ),
    readiness: probe(
      { initialDelaySeconds: 0, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
      'Readiness probe: can the relayer accept data durably? It does not ask whether the backend is connected',
    ),
    startup: probe(
      { initialDelaySeconds: 0, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 60 },
      'Startup probe: the other probes wait for it',
    ),
  })
  .prefault({})
  .describe('Health port and probes of the relayer');
