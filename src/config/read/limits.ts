/** Bounds that make a hostile file an error instead of a hang. */
export const LIMITS = {
  /** Bytes of one ecosystem file or env file, and of all files that one project is put together of. */
  fileBytes: 5 * 1024 * 1024,
  /** Levels of lists and maps inside each other. */
  depth: 100,
  /** Values in one file, those that aliases repeat counted every time. */
  values: 1_000_000,
  /** Lexical elements of one YAML file. */
  tokens: 2_500_000,
  /** Characters in one file after `${VAR}` is expanded and aliases are repeated. */
  characters: 64 * 1024 * 1024,
  apps: 10_000,
  /** Apps that extend one another in a row. */
  extends: 16,
  /** Files that one project is put together of. */
  files: 100,
  /** Milliseconds that a JavaScript file may take. */
  evaluationMs: 10_000,
  /** Megabytes of heap that a JavaScript file may take. */
  evaluationHeapMb: 512,
  /** Bytes of the result of a JavaScript file. */
  evaluationBytes: 20 * 1024 * 1024,
  /** Errors of one file that are reported. */
  failures: 1_000,
} as const;
