import { lstat, rm } from 'node:fs/promises';
import { connect, type Server } from 'node:net';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { checkSocketPath } from '../contract/check-socket-path.ts';

/**
 * Listens on a Unix socket that only its owner can open (0600, or `mode`; from its first moment on). The socket file of a
 * process that died is replaced; one that still answers is never touched (CONFLICT).
 */
export async function listenOnSocket(
  server: Server,
  path: string,
  mode = 0o600,
): Promise<Result<void, Failure>> {
  const tooLong = checkSocketPath(path);
  if (tooLong !== null) return err(tooLong);
  for (let attempt = 0; ; attempt++) {
    const problem = await tryListen(server, path, mode);
    if (problem === null) return ok(undefined);
    if (problem.code !== 'EADDRINUSE' || attempt > 0) return err(listenFailure(path, problem));
    if (!(await isDeadSocket(path))) {
      return err({
        code: 'CONFLICT',
        message: `cannot listen on ${path}: another daemon answers there`,
        hint: 'stateward daemon status shows it',
      });
    }
    await rm(path, { force: true });
  }
}

/** The same in the place of whatever is there: by who listened there before. Rejects when that cannot be done. */
export async function listenInPlace(server: Server, path: string, mode = 0o600): Promise<void> {
  await rm(path, { force: true });
  const problem = await tryListen(server, path, mode);
  if (problem !== null) throw problem;
}

function tryListen(server: Server, path: string, mode = 0o600): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    const onListening = (): void => finish(null);
    const onError = (error: NodeJS.ErrnoException): void => finish(error);
    const finish = (error: NodeJS.ErrnoException | null): void => {
      server.off('listening', onListening);
      server.off('error', onError);
      resolve(error);
    };
    server.once('listening', onListening);
    server.once('error', onError);
    // The socket is bound within this call: a chmod afterwards would leave a moment in which others can connect.
    const umask = process.umask(0o777 & ~mode);
    try {
      server.listen(path);
    } finally {
      process.umask(umask);
    }
  });
}

async function isDeadSocket(path: string): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  if (stats === null) return true;
  if (!stats.isSocket()) return false;
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'ECONNREFUSED'));
  });
}

function listenFailure(path: string, error: NodeJS.ErrnoException): Failure {
  const denied = error.code === 'EACCES' || error.code === 'EPERM';
  return {
    code: denied ? 'PERMISSION' : 'DAEMON_START_FAILED',
    message: `cannot listen on ${path}: ${error.message}`,
    hint: 'the folder of the socket must exist and belong to the user of the daemon',
  };
}
