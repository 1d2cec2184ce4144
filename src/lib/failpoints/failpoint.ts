import { armFaults } from './faults.ts';
import type { FailpointName } from './names.ts';

/** Whoever starts the daemon may set it: that user can do all of this to the processes anyway. Nobody else can. */
const VARIABLE = 'STATEWARD_FAILPOINT';

const setting = process.env[VARIABLE];

/**
 * Marks a moment at which a test can kill this process, hold it, or have the system say no (`names.ts`, `faults.ts`).
 * Without the variable nothing is done here, and nothing is looked at.
 */
export const failpoint: (name: FailpointName) => void =
  setting === undefined || setting === '' ? () => undefined : armed(setting);

function armed(text: string): (name: FailpointName) => void {
  try {
    const pass = armFaults(text);
    process.stderr.write(
      `${new Date().toISOString()} ${VARIABLE} is set: this process may be made to fail\n`,
    );
    return pass;
  } catch (error) {
    // A fault that is misspelt would be a test that cannot fail.
    throw new Error(`${VARIABLE}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}
