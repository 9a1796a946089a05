import { framesOf, newCursorState, type CursorState } from './cursor.ts';
import { comparePositions, type FrameRange, type Position, type Span } from './position.ts';

/** Which frames were cut, acknowledged and given up: how the state of the cursor changes. */
export class FrameLedger {
  #state: CursorState;
  /** The cursor file lags behind in something that may wait. */
  isDirty = false;

  constructor(state: CursorState) {
    this.#state = state;
  }

  get state(): CursorState {
    return this.#state;
  }

  /** Where the next frame begins. */
  get cutPosition(): Position {
    return this.#state.frameEnds.at(-1) ?? this.#state.released;
  }

  get outstandingCount(): number {
    return this.#state.frameEnds.length;
  }

  /** The frames that were cut and not acknowledged, oldest first. */
  outstanding(): FrameRange[] {
    return framesOf(this.#state);
  }

  /** @returns the sequence of the frame from the cut position to `end` */
  add(end: Position): number {
    this.#state = { ...this.#state, frameEnds: [...this.#state.frameEnds, end] };
    return this.#state.acknowledged + this.outstandingCount;
  }

  /** False when there is nothing new in it. */
  acknowledge(sequence: number): boolean {
    const { acknowledged, frameEnds } = this.#state;
    const count = Math.min(sequence - acknowledged, frameEnds.length);
    const end = frameEnds[count - 1];
    if (!end) return false;
    this.#state = { ...this.#state, acknowledged: acknowledged + count, frameEnds: frameEnds.slice(count) };
    this.release(end);
    return true;
  }

  /** Everything before `position` is settled. */
  release(position: Position): void {
    const givenUp = this.#state.givenUp.filter(({ end }) => comparePositions(end, position) > 0);
    this.#state = { ...this.#state, released: position, givenUp };
    this.isDirty = true;
  }

  /** Forgets the frames from `sequence` on. */
  rewind(sequence: number): void {
    const keep = Math.max(0, sequence - this.#state.acknowledged - 1);
    this.#state = { ...this.#state, frameEnds: this.#state.frameEnds.slice(0, keep) };
  }

  /** What is not acknowledged will be numbered from 1 again. */
  beginEpoch(): void {
    const { released, salt, givenUp, unwritten } = this.#state;
    this.#state = { ...newCursorState(released, salt), givenUp, unwritten };
  }

  /** @returns what the frame covers; undefined when it is not outstanding */
  giveUp(sequence: number): Span | undefined {
    const range = this.outstanding().find((frame) => frame.sequence === sequence);
    if (!range) return undefined;
    const span = { start: range.start, end: range.end };
    this.#state = { ...this.#state, givenUp: [...this.#state.givenUp, span] };
    this.isDirty = true;
    return span;
  }

  /** Notes which dead letters are not written yet. */
  setUnwritten(unwritten: readonly Span[]): void {
    this.#state = { ...this.#state, unwritten };
    this.isDirty = true;
  }

  /** True for exactly what was given up: a larger frame that contains it has other records too. */
  isGivenUp({ start, end }: Span): boolean {
    return this.#state.givenUp.some(
      (span) => comparePositions(span.start, start) === 0 && comparePositions(span.end, end) === 0,
    );
  }
}
