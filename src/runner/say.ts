import { writeSync } from 'node:fs';

const STDERR = 2;

/**
 * Writes one line for `daemon.log`. On a full disk it is lost, and nothing else: a stream would tell of that with an
 * error that ends the process.
 */
export function say(message: string): void {
  try {
    writeSync(STDERR, `${new Date().toISOString()} runner: ${message}\n`);
  } catch {
    // Nobody is left to tell.
  }
}
