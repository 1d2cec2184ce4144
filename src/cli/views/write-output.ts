import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { FailureError } from '../../lib/failure.ts';
import { errorMessage } from '../../lib/system-error.ts';

/** Writes what `-o FILE` asks for; a relative path is below `cwd`. Throws what says which file cannot be written, and why. */
export function writeOutput(text: string, output: string, cwd: string): void {
  try {
    writeFileSync(resolve(cwd, output), text);
  } catch (error) {
    throw new FailureError({
      code: 'USAGE',
      message: `cannot write ${output}: ${errorMessage(error)}`,
      hint: 'name a file in a folder that is there and that you can write to, or - to print it',
    });
  }
}
