import { lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';
import { errorCode } from '../../lib/system-error.ts';

/**
 * Removes the file of a Unix socket that an earlier runner bound and of which nobody is left, unless somebody answers
 * there all the same. A failure leaves it where it is.
 */
export function removeStaleSocket(path: string): void {
  if (!isSocket(path)) return;
  const probe = connect(path);
  probe.on('connect', () => probe.destroy());
  probe.on('error', (error) => {
    if (errorCode(error) !== 'ECONNREFUSED' || !isSocket(path)) return;
    try {
      unlinkSync(path);
    } catch {
      // Its folder is gone or closed to us: the next who binds there is told.
    }
  });
}

function isSocket(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSocket() ?? false;
}
