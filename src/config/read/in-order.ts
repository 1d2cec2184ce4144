import type { Failure } from '../../lib/failure.ts';

/** By line, file after file. */
export function inOrder(failures: readonly Failure[]): Failure[] {
  const files = [...new Set(failures.map(({ position }) => position?.file))];
  return failures.toSorted(
    (a, b) =>
      files.indexOf(a.position?.file) - files.indexOf(b.position?.file) ||
      (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
      (a.position?.column ?? 0) - (b.position?.column ?? 0),
  );
}
