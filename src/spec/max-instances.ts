/**
 * Instances of one app, at most; the schema says the same of the file. What is more is a slip of the finger that would
 * take the host down.
 */
export const MAX_INSTANCES = 1_000;
