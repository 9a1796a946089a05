/** Large enough for one statement to be worth it, small enough for the embedded store. */
const PART_CHARACTERS = 16 * 1024 * 1024;
/** Far more than the largest message becomes unless it is made for that. */
const MAX_CHARACTERS = 256 * 1024 * 1024;

/**
 * Rows as JSON arrays of a size that a statement takes. A row repeats its resource and its name, so
 * that a frame of a few MiB may stand for more text than a string holds.
 *
 * @throws RangeError above `maxCharacters`: such rows are stored in no form
 */
export function* jsonParts(
  rows: readonly object[],
  { partCharacters = PART_CHARACTERS, maxCharacters = MAX_CHARACTERS } = {},
): Generator<string> {
  let part: string[] = [];
  let length = 0;
  let total = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    total += text.length;
    if (total > maxCharacters) throw new RangeError(`the rows have more than ${maxCharacters} characters`);
    if (part.length > 0 && length + text.length > partCharacters) {
      yield `[${part.join(',')}]`;
      part = [];
      length = 0;
    }
    part.push(text);
    length += text.length;
  }
  if (part.length > 0) yield `[${part.join(',')}]`;
}
