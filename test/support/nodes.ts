import { existsSync } from 'node:fs';

/** The running Node, and any others that STATEWARD_TEST_NODES (a list with colons) names. */
export const nodes: readonly string[] = [
  process.execPath,
  ...(process.env.STATEWARD_TEST_NODES ?? '').split(':').filter(existsSync),
];
