import { z } from 'zod';
import { boolean, dataKey, decimal, formatted, integer, optional, optionalName } from './fields.ts';
import { formats, guarded, guardedOrEmpty } from './formats.ts';

const milliseconds = { min: 1, max: 3600000 };
const attempts = { min: 1, max: 1000 };

const Reconnection = z
  .strictObject({
    enabled: boolean(true, 'Reconnect when the connection is lost'),
    delay: integer(milliseconds, 1000, 'Delay before the first attempt, in milliseconds'),
    maxDelay: integer(milliseconds, 30000, 'Longest delay between two attempts, in milliseconds'),
    multiplier: decimal({ min: 1, max: 100 }, 2, 'Factor by which the delay grows at each attempt'),
    randomization: decimal({ min: 0, max: 1 }, 0.5, 'Share of the delay that is random, from 0 to 1'),
  })
  .prefault({})
  .describe('How the relayer reconnects to the backend');

const CircuitBreaker = z
  .strictObject({
    enabled: boolean(true, 'Pause connecting after many failures. Data is never refused for it'),
    failureThreshold: integer(attempts, 5, 'Failed attempts in a row that open the breaker'),
    successThreshold: integer(attempts, 2, 'Successful attempts that close it again'),
    timeout: integer({ min: 1, max: 86400 }, 60, 'Time that it stays open, in seconds'),
    halfOpenMaxAttempts: integer(attempts, 3, 'Attempts that it lets through after that time'),
  })
  .prefault({})
  .describe('Circuit breaker of the connection attempts');

const CaSecret = z
  .strictObject({
    name: optionalName("Secret with the certificate authority. Empty: the image's own authorities"),
    key: dataKey('ca.crt', 'Key of the PEM certificates in that Secret'),
  })
  .prefault({})
  .describe('Certificate authority of a self-hosted backend');

const Proxy = z
  .strictObject({
    url: guardedOrEmpty(formats.origin)
      .default('')
      .describe('HTTP(S) proxy for the relayer and the registration, without user and password. Empty: none'),
    noProxy: optional(formats.noProxy, 'Hosts that are reached without the proxy, separated by commas'),
  })
  .prefault({})
  .describe('Proxy on the way to the backend');

const Credentials = z
  .strictObject({
    existingSecret: optionalName('Secret with the credentials of a registered cluster; nothing is registered then'),
    existingSecretKeys: z
      .strictObject({
        clusterId: dataKey('clusterId', "Key of the cluster's id"),
        clusterToken: dataKey('clusterToken', "Key of the cluster's token"),
      })
      .prefault({})
      .describe('Keys in that Secret'),
  })
  .prefault({})
  .describe('Credentials of the cluster. Empty: the registration gets them');

export const Backend = z
  .strictObject({
    url: guarded(formats.url)
      .max(2048)
      .describe('URL of the backend: http or https, with a port and a base path if need be'),
    socketPath: formatted(formats.httpPath, '/socket.io', "Socket.IO path, below the URL's base path"),
    connectionTimeout: integer({ min: 5, max: 300 }, 30, 'Time to wait for a connection, in seconds'),
    reconnection: Reconnection,
    circuitBreaker: CircuitBreaker,
    caSecret: CaSecret,
    proxy: Proxy,
    credentials: Credentials,
  })
  .describe('The Consonant backend that telemetry is sent to');
