import { closeSync, constants, openSync, readlinkSync, realpathSync, writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCode } from '../../lib/system-error.ts';
import type { Failure } from '../../lib/failure.ts';
import { FailureError } from '../../lib/failure.ts';

/** How long a program may leave its input unread when it is full. */
const UNREAD_MS = 5_000;
const LOOK_AGAIN_MS = 20;

/**
 * The standard input of a process that the runner has started. It is a FIFO that the process itself holds open, and whose
 * name is gone; /proc is the way to it, which the kernel gives to the user of the process and to root.
 */
export interface AppInput {
  /** Resolves when all of it is in the FIFO. Throws where nobody reads it any more, or for too long. */
  write(text: string): Promise<void>;
  close(): void;
}

/** Opens the input of process `pid`, of the app `app`, whose FIFOs are in `runFolder`. Throws why it cannot. */
export function openAppInput(pid: number, app: string, runFolder: string): AppInput {
  const path = `/proc/${pid}/fd/0`;
  // What is there is looked at before it is opened: the pid may be that of another process by now.
  const target = targetOf(path, app);
  if (!target.startsWith(`${realpathSync(runFolder)}/`)) throw new FailureError(noInput(app, target));
  const fd = opened(path, app);
  return {
    async write(text) {
      let rest = Buffer.from(text);
      let since = performance.now();
      while (rest.length > 0) {
        const written = writeSome(fd, rest, app);
        rest = rest.subarray(written);
        if (written > 0) since = performance.now();
        else if (performance.now() - since > UNREAD_MS) {
          throw new FailureError({
            code: 'APP_FAILED',
            message: `${app} does not read its input: it is full`,
          });
        } else await pause(LOOK_AGAIN_MS);
      }
    },
    close: () => closeSync(fd),
  };
}

function targetOf(path: string, app: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    const code = errorCode(error);
    throw new FailureError(
      code === 'EACCES' || code === 'EPERM'
        ? { code: 'PERMISSION', message: `cannot open the input of ${app}: it runs as another user` }
        : process.platform === 'linux'
          ? { code: 'APP_FAILED', message: `the process of ${app} has ended` }
          : {
              code: 'USAGE',
              message: 'attach works on Linux only: elsewhere nobody can open the input of a process',
              hint: `stateward send ${app} MESSAGE gives a Node app a message`,
            },
    );
  }
}

function opened(path: string, app: string): number {
  try {
    return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw new FailureError({
      code: 'APP_FAILED',
      message: `cannot open the input of ${app}: ${errorCode(error) ?? String(error)}`,
    });
  }
}

function noInput(app: string, target: string): Failure {
  return target === '/dev/null'
    ? {
        code: 'APP_FAILED',
        message: `${app} has no input: its file says stdin: null`,
        hint: 'without that key it has one',
      }
    : {
        code: 'APP_FAILED',
        message: `${app} has put something else in the place of its input: ${target}`,
        hint: `stateward send ${app} MESSAGE gives a Node app a message`,
      };
}

/** How many bytes were taken; 0: there is no room. */
function writeSome(fd: number, bytes: Buffer, app: string): number {
  try {
    return writeSync(fd, bytes);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'EAGAIN') return 0;
    throw new FailureError({
      code: 'APP_FAILED',
      message:
        code === 'EPIPE'
          ? `the process of ${app} has ended`
          : `cannot write to ${app}: ${code ?? String(error)}`,
      hint: `stateward why ${app} says what became of it`,
    });
  }
}
