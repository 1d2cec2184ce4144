import { setFlagsFromString } from 'node:v8';

/** The newest V8 whose flags are known: an unknown one would be told of on stderr, by every start. */
const NEWEST_KNOWN = 14;

/**
 * Has V8 compile a function to fast machine code only when it has run ten to fifteen times as long as usual. What looks after apps runs
 * much code seldom: in a start of 100 apps a quarter of its processor time went into such code, and it keeps the memory for it.
 *
 * @param v8 version as in `process.versions.v8`; V8 renames its flags now and then, `node --v8-options` lists them
 */
export function compileLate(v8 = process.versions.v8, setFlag = setFlagsFromString): void {
  for (const flag of flagsOf(Number.parseInt(v8, 10))) setFlag(flag);
}

function flagsOf(major: number): readonly string[] {
  if (major > NEWEST_KNOWN) return [];
  // Bytes of bytecode that ran. Newer versions count calls.
  if (major < 12) return ['--interrupt-budget=1000000'];
  return ['--invocation-count-for-maglev=4000', '--invocation-count-for-turbofan=30000'];
}
