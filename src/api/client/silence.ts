import type { Socket } from 'node:net';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { rawGet } from './fast-client.ts';

/** A daemon that has not answered for so long is asked for a sign of life. */
const QUIET_MS = 2_000;
/** A stream says something every 15 s. */
const QUIET_STREAM_MS = 16_000;
/** Any answer at all is one: a daemon that is busy with a request still answers others. */
const SIGN_OF_LIFE_MS = 3_000;

/** The daemon is there and does not answer: it is stopped, or hangs. */
export class SilentError extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

export interface SilenceOptions {
  readonly socketPath: string;
  readonly clock: Clock;
  /** Who does not answer, and the way out. */
  readonly describeSilent?: () => Failure;
}

/**
 * Ends a connection with a SilentError when the daemon gives no sign of life. What it is asked for may take long: as long
 * as it answers that it is there, it is waited for.
 */
export function watchSilence(socket: Socket, options: SilenceOptions, isStream = false): Cancel {
  const { clock, socketPath, describeSilent } = options;
  let cancelled = false;
  let cancelTimer: Cancel = () => undefined;
  let read = 0;
  const wait = (): void => {
    cancelTimer = clock.after(isStream ? QUIET_STREAM_MS : QUIET_MS, () => void look());
  };
  const look = async (): Promise<void> => {
    const hasCome = socket.bytesRead !== read;
    read = socket.bytesRead;
    if (!hasCome && !(await isAlive(socketPath)) && socket.bytesRead === read && !cancelled) {
      socket.destroy(new SilentError(describeSilent?.() ?? UNDESCRIBED));
    }
    if (!cancelled && !socket.destroyed) wait();
  };
  const cancel = (): void => {
    cancelled = true;
    cancelTimer();
  };
  socket.once('close', cancel);
  wait();
  return cancel;
}

async function isAlive(socketPath: string): Promise<boolean> {
  try {
    await rawGet(socketPath, '/v1/ping', SIGN_OF_LIFE_MS);
    return true;
  } catch (error) {
    // Whoever cannot be connected to is gone and not silent: then the connection that is watched ends by itself.
    return error instanceof Error && 'code' in error && error.code !== 'EAGAIN';
  }
}

const UNDESCRIBED: Failure = {
  code: 'DAEMON_SILENT',
  message: 'the daemon does not answer; what was asked for is not done later',
  hint: 'stateward doctor shows which process it is, and the way out',
};
