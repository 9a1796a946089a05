import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Backoff } from '../../src/deliver/backoff.ts';
import { CircuitBreaker } from '../../src/deliver/circuit-breaker.ts';

test('delays grow to the maximum, and a reset begins anew', () => {
  const backoff = new Backoff({ delayMs: 1000, maxDelayMs: 5000, multiplier: 2, randomization: 0.5, random: () => 0 });
  expect([1, 2, 3, 4, 5].map(() => backoff.nextMs())).toEqual([1000, 2000, 4000, 5000, 5000]);
  backoff.reset();
  expect(backoff.nextMs()).toBe(1000);
});

test('jitter: from nothing to the ceiling at randomization 1, from the half at 0.5', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), fc.constantFrom(0, 0.5, 1), (random, randomization) => {
      const delay = new Backoff({
        delayMs: 1000,
        maxDelayMs: 5000,
        multiplier: 2,
        randomization,
        random: () => random,
      }).nextMs();
      expect(delay).toBeLessThanOrEqual(1000);
      expect(delay).toBeGreaterThanOrEqual(1000 * (1 - randomization) - 1);
    }),
  );
});

const OPTIONS = { enabled: true, failureThreshold: 3, successThreshold: 2, timeoutMs: 60_000, halfOpenMaxAttempts: 2 };

test('opens after the threshold, half-opens after the timeout, closes after successes', () => {
  let now = 0;
  const breaker = new CircuitBreaker({ ...OPTIONS, now: () => now });
  for (let i = 0; i < 3; i++) {
    expect([breaker.state, breaker.waitMs()]).toEqual(['closed', 0]);
    breaker.failed();
  }
  expect([breaker.state, breaker.waitMs()]).toEqual(['open', 60_000]);
  now = 60_000;
  expect([breaker.waitMs(), breaker.state]).toEqual([0, 'half-open']);
  breaker.succeeded();
  expect(breaker.state).toBe('half-open');
  breaker.succeeded();
  expect(breaker.state).toBe('closed');
});

test('opens again after the half-open attempts, and a success in between counts failures anew when closed', () => {
  let now = 0;
  const breaker = new CircuitBreaker({ ...OPTIONS, now: () => now });
  breaker.failed();
  breaker.failed();
  breaker.succeeded();
  breaker.failed();
  breaker.failed();
  expect(breaker.state).toBe('closed');
  breaker.failed();
  now = 60_000;
  breaker.waitMs();
  breaker.failed();
  expect(breaker.state).toBe('half-open');
  breaker.failed();
  expect([breaker.state, breaker.waitMs()]).toEqual(['open', 60_000]);
});

test('disabled it never opens; changed credentials allow an attempt at once', () => {
  const off = new CircuitBreaker({ ...OPTIONS, enabled: false });
  for (let i = 0; i < 10; i++) off.failed();
  expect(off.state).toBe('closed');
  const breaker = new CircuitBreaker(OPTIONS);
  for (let i = 0; i < 3; i++) breaker.failed();
  breaker.probeNow();
  expect([breaker.state, breaker.waitMs()]).toEqual(['half-open', 0]);
});
