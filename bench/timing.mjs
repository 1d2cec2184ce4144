import { runProgram } from './lab/run-program.mjs';

/** Wall milliseconds of one run of a program; throws when it does not end with 0. */
export async function timeRun(argv, options) {
  return (await runProgram(argv, options)).ms;
}
