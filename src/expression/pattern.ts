/**
 * Why a regular expression may mean different things to RE2, which Helm uses, and to JavaScript; undefined when it
 * means the same. With the flag `u` JavaScript refuses most of what only RE2 knows.
 */
export function patternProblem(pattern: string): string | undefined {
  const odd = /\(\?[=!<]|\\[1-9kpPsSwWdDbBu]/.exec(pattern)?.[0];
  if (odd !== undefined) return `not every engine reads ${odd} alike: ${pattern}`;
  const counts = [...pattern.matchAll(/\{(\d+),?(\d*)\}/g)].flatMap((match) => [match[1], match[2]]).map(Number);
  if (counts.some((count) => count > 1000)) return `RE2 repeats nothing more than 1,000 times: ${pattern}`;
  try {
    new RegExp(pattern, 'u');
    return undefined;
  } catch {
    return `JavaScript can't read the pattern ${pattern}`;
  }
}
