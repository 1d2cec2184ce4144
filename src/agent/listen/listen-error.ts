import type { EventEmitter } from 'node:events';

export interface ListenFailure {
  /** As libuv numbers it. */
  readonly errno: number;
  /** For a person: who has the address. */
  readonly note: string | null;
  readonly address: string | null;
  /** -1 for a Unix socket. */
  readonly port: number;
  /** Has the stack of the call of listen(). */
  readonly origin: { readonly stack?: unknown };
}

/** With nothing of ours on the stack that an app which does not listen to it dies with. */
export function emitListenError(server: EventEmitter, failure: ListenFailure): void {
  process.nextTick(server.emit.bind(server), 'error', listenError(failure));
}

/** The error that net would emit, with one word more. */
function listenError({ errno, note, address, port, origin }: ListenFailure): Error {
  const { getSystemErrorMap } = process.getBuiltinModule('node:util');
  const [code, text] = getSystemErrorMap().get(errno) ?? ['UNKNOWN', 'unknown error'];
  const shown = address ?? '::';
  const where = port > 0 ? `${shown}:${port}` : shown;
  const message = `listen ${code}: ${text} ${where}${note === null ? '' : ` (${note})`}`;
  const fields = { code, errno, syscall: 'listen', address: shown, ...(port !== 0 && { port }) };
  const error = Object.assign(new Error(message), fields);
  const frames = typeof origin.stack === 'string' ? origin.stack.split('\n').slice(1) : [];
  const theirs = frames.filter((frame) => !frame.includes(__filename));
  error.stack = [`Error: ${message}`, ...theirs].join('\n');
  return error;
}
