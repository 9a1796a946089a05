import { expect, test } from 'vitest';
import { formatDuration } from '../../page/format.ts';

test('a duration is rounded before it is cut into minutes and seconds', () => {
  expect(formatDuration(119_600_000)).toBe('2 min 0 s');
  expect(formatDuration(125_400_000)).toBe('2 min 5 s');
  expect(formatDuration(1_200)).toBe('1.2 ms');
});
