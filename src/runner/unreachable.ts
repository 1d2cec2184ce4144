/** Ends a `switch` over a union: a new variant that is not handled fails to compile. */
export function unreachable(value: never): never {
  throw new Error(`internal error: unexpected ${JSON.stringify(value)}`);
}
