import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { runOneShot } from '../../../src/api/server/one-shot.ts';
import { createApiServer } from '../../../src/api/server/server.ts';
import { err, ok } from '../../../src/lib/result.ts';
import { acquireLock } from '../../../src/runner/lock/lock.ts';
import { cannedBackend } from './canned.ts';

/**
 * A daemon program for tests: serves canned answers for the home that it is given until it is told to stop, and ends
 * with code 1 when another one does already. With `--one-shot` it answers one request.
 */
async function main(home: string): Promise<void> {
  if (process.env['STATEWARD_FAKE_FAILS'] !== undefined) {
    process.stderr.write('cannot start: the fake was told to fail\n');
    process.exitCode = 1;
    return;
  }
  if (process.argv.includes('--one-shot')) {
    const socket = join(home, 'run', 'api.sock');
    const apps = { count: 0, processes: 0 };
    const backend = {
      ...cannedBackend({}, home),
      logs: () => Promise.resolve(err({ code: 'DAEMON_UNREACHABLE' as const, message: 'nothing is known' })),
      status: () => Promise.resolve(ok({ controller: null, runner: null, home, socket, apps })),
    };
    await runOneShot({ input: process.stdin, output: process.stdout, backend });
    return;
  }
  mkdirSync(join(home, 'run'), { recursive: true, mode: 0o700 });
  // Without the lock, one of two that start at once can take a socket for dead that the other has just bound.
  const outcome = await acquireLock(join(home, 'run', 'fake.lock'));
  if (!outcome.held) {
    process.exitCode = 1;
    return;
  }
  const socketPath = join(home, 'run', 'api.sock');
  const stopper = new AbortController();
  const backend = cannedBackend(
    {
      onRequest: (request) => {
        if ('all' in request) stopper.abort();
      },
    },
    home,
  );
  const server = await createApiServer({ socketPath, backend });
  if (!server.ok) {
    process.stderr.write(`${server.error.message}\n`);
    process.exitCode = 1;
    return;
  }
  stopper.signal.addEventListener('abort', () => {
    // The answer goes out first. Nobody is left to tell of a close that fails.
    setImmediate(() => void server.value.close());
  });
}

void main(process.argv[2] ?? '');
