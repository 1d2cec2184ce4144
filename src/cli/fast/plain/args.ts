/** Stands in for `@oclif/core/args`, see `flags.ts`: how many there are is all that counts. */
export function string(declared: object): object {
  return declared;
}
