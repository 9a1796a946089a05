import { expect, test } from 'vitest';
import { clientAddress, type Caller } from '../src/client-address.ts';
import { FailureLimit } from '../src/failure-limit.ts';

const caller = (remoteAddress: string, headers: Caller['headers'] = {}): Caller => ({
  headers,
  socket: { remoteAddress },
});

test('the address is the peer’s; a peer on this machine may be a tunnel, and tells nobody apart', () => {
  expect(clientAddress(caller('203.0.113.7'), undefined)).toBe('203.0.113.7');
  expect(clientAddress(caller('::ffff:203.0.113.7'), undefined)).toBe('203.0.113.7');
  for (const own of ['127.0.0.1', '::ffff:127.0.0.1', '::1'])
    expect(clientAddress(caller(own), undefined)).toBeUndefined();
});

test('behind a proxy it is what the header says, and no header that nobody has named', () => {
  const headers = { 'cf-connecting-ip': '198.51.100.2', 'x-forwarded-for': '10.9.9.9, 198.51.100.3' };
  expect(clientAddress(caller('127.0.0.1', headers), 'cf-connecting-ip')).toBe('198.51.100.2');
  // What stands before the last entry is what the client has sent itself.
  expect(clientAddress(caller('127.0.0.1', headers), 'x-forwarded-for')).toBe('198.51.100.3');
  expect(clientAddress(caller('203.0.113.7', headers), undefined)).toBe('203.0.113.7');
  expect(clientAddress(caller('127.0.0.1'), 'cf-connecting-ip')).toBeUndefined();
});

test.each([
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:db8:1:2::', '2001:db8:1:2'],
  ['::2', '0:0:0:0'],
])('an IPv6 address counts as its /64: %s', (address, network) => {
  expect(clientAddress(caller(address), undefined)).toBe(network);
});

test('an address with too many wrong tokens is refused until its minute is over; others are not', () => {
  let now = 0;
  const failures = new FailureLimit(3, () => now);
  for (let i = 0; i < 3; i++) {
    expect(failures.isRefused('a')).toBe(false);
    failures.note('a');
    now += 1_000;
  }
  expect([failures.isRefused('a'), failures.isRefused('b')]).toEqual([true, false]);
  now = 59_999;
  failures.note('a');
  expect(failures.isRefused('a')).toBe(true);
  now = 60_000;
  expect(failures.isRefused('a')).toBe(false);
});

test('no address is never refused, and more addresses than fit forget the oldest', () => {
  const failures = new FailureLimit(1, () => 0);
  failures.note(undefined);
  expect(failures.isRefused(undefined)).toBe(false);
  for (let i = 0; i <= 10_000; i++) failures.note(`address-${i}`);
  expect([failures.isRefused('address-0'), failures.isRefused('address-1')]).toEqual([false, true]);
});
