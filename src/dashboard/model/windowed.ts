/** Which rows of a long list are seen. */
export interface Windowed {
  readonly first: number;
  /** Behind the last one. */
  readonly end: number;
  /** Pixels above the first one. */
  readonly top: number;
  /** Pixels of all rows. */
  readonly height: number;
}

/** Rows beyond what is seen: a little scrolling shows no gap. */
const BEYOND_PX = 400;

/** The rows between two places of a list, given the height of each in pixels. */
export function windowed(heights: readonly number[], from: number, to: number): Windowed {
  let at = 0;
  let first = heights.length;
  let top = 0;
  let end = heights.length;
  for (const [index, height] of heights.entries()) {
    if (first === heights.length && at + height > from - BEYOND_PX) {
      first = index;
      top = at;
    }
    if (end === heights.length && at > to + BEYOND_PX) end = index;
    at += height;
  }
  return { first: Math.min(first, end), end, top: first === heights.length ? at : top, height: at };
}
