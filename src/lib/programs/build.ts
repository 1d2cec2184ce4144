/**
 * Which build this program is of: twelve digits of a hash over all programs of the build (scripts/build.mjs). Programs of
 * one version and another build are told apart by it; `unknown`: bundled by something else than the build.
 */
export const BUILD: string = process.env.STATEWARD_BUILD ?? 'unknown';

/** The version of the package that this program is of. */
export const VERSION: string = process.env.STATEWARD_VERSION ?? 'unknown';
