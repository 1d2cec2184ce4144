import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const LIMIT_MS = 15_000;

/** The folder of PM2; null: nobody knows the home of the user. */
export function pm2Home(env: Environment): string | null {
  const named = env['PM2_HOME'];
  if (named !== undefined && named !== '') return named;
  const home = env['HOME'];
  return home === undefined || home === '' ? null : join(home, '.pm2');
}

/** Whether a daemon of PM2 answers. Any command of PM2 would start one, so it is not asked. */
export async function isPm2Running(home: string): Promise<boolean> {
  const socket = join(home, 'rpc.sock');
  if (!existsSync(socket)) return false;
  return new Promise((settle) => {
    const connection = createConnection(socket);
    const end = (isRunning: boolean): void => {
      connection.destroy();
      settle(isRunning);
    };
    connection.setTimeout(LIMIT_MS, () => end(false));
    connection.once('connect', () => end(true));
    connection.once('error', () => end(false));
  });
}

/** What `pm2 jlist` prints. Only for where a daemon runs: it would start one. */
export async function pm2Jlist(home: string, env: Environment): Promise<Result<string, Failure>> {
  return new Promise((settle) => {
    const childEnv = { ...env, PM2_HOME: home, PM2_DISABLE_VERSION_CHECK: 'true', PM2_SILENT: 'true' };
    const options = { env: childEnv, timeout: LIMIT_MS, maxBuffer: 256 * 1024 * 1024 };
    execFile('pm2', ['jlist'], options, (error, stdout, stderr) => {
      if (error === null) {
        settle(ok(stdout));
        return;
      }
      const isMissing = error.code === 'ENOENT';
      const [said = ''] = stderr.trim().split('\n');
      settle(
        err({
          code: 'NOT_FOUND',
          message: isMissing
            ? `PM2 runs (${home}), but there is no pm2 on PATH to ask it`
            : `pm2 jlist failed: ${said === '' ? error.message.split('\n', 1).join('') : said}`,
          hint: 'pm2 jlist | stateward import pm2 -, where pm2 works; or pm2 save, and import its dump',
        }),
      );
    });
  });
}
