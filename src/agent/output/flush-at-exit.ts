import { isPipeStream } from './pipe-stream.ts';
import { theRest } from '../the-rest.ts';
import { trackUnsent, type Unsent } from './unsent.ts';

type Process = NodeJS.Process & { reallyExit?: (code?: number) => never; _exiting?: boolean };
type StreamName = 'stdout' | 'stderr';

/**
 * Nothing that a process has written is lost when it exits. Node writes to a pipe in the background, and `process.exit`,
 * an uncaught exception or a write in an exit listener drop what the reader has not made room for yet.
 *
 * While the process runs, nothing changes: writes stay asynchronous, and a reader that is away holds nobody up. When it
 * exits, after all its own exit listeners, what is left is written synchronously, for as long as it is taken.
 */
export function flushAtExit(target: Process): void {
  const streams = new Map<number, Unsent>();
  followStream(target, 'stdout', streams);
  followStream(target, 'stderr', streams);
  let flushed = false;
  const flush = (): void => {
    if (flushed || target._exiting !== true) return;
    flushed = true;
    for (const [fd, unsent] of streams) {
      const parts = unsent();
      if (parts.length > 0) theRest().writeAll(fd, parts);
    }
  };
  afterExitEvent(target, flush);
  beforeReallyExit(target, flush);
}

/**
 * Notices when the app first uses a stream: asking for it would make it. The getter is put back as it was then.
 */
function followStream(target: Process, name: StreamName, streams: Map<number, Unsent>): void {
  const original = Object.getOwnPropertyDescriptor(target, name);
  const getter: unknown = original === undefined ? undefined : Reflect.get(original, 'get');
  if (original?.configurable !== true || typeof getter !== 'function') return;
  const get = function (this: unknown): unknown {
    const stream: unknown = Reflect.apply(getter, this, []);
    Object.defineProperty(target, name, original);
    if (isPipeStream(stream) && !streams.has(stream.fd)) streams.set(stream.fd, trackUnsent(stream));
    return stream;
  };
  Object.defineProperty(get, 'name', { value: getter.name, configurable: true });
  Object.defineProperty(target, name, { ...original, get });
}

/**
 * A listener would be the first of all, and be counted. The event goes through `emit`, which lives on a prototype that
 * is the process's own.
 */
function afterExitEvent(target: Process, flush: () => void): void {
  const prototype = Object.getPrototypeOf(target) as object;
  const emit = Reflect.get(target, 'emit') as (...args: unknown[]) => boolean;
  const value = function (this: unknown, ...args: unknown[]): boolean {
    try {
      return Reflect.apply(emit, this, args);
    } finally {
      if (args[0] === 'exit') flush();
    }
  };
  Object.defineProperty(value, 'name', { value: 'emit', configurable: true });
  Object.defineProperty(value, 'length', { value: emit.length, configurable: true });
  Object.defineProperty(prototype, 'emit', { value, enumerable: false, configurable: true, writable: true });
}

/** For an exit listener that calls process.exit() itself: emit never returns then. */
function beforeReallyExit(target: Process, flush: () => void): void {
  const original = Object.getOwnPropertyDescriptor(target, 'reallyExit');
  const reallyExit: unknown = original?.value;
  if (original?.configurable !== true || typeof reallyExit !== 'function') return;
  const value = function (this: unknown, ...args: unknown[]): unknown {
    flush();
    return Reflect.apply(reallyExit, this, args);
  };
  Object.defineProperty(value, 'name', { value: reallyExit.name, configurable: true });
  Object.defineProperty(value, 'length', { value: reallyExit.length, configurable: true });
  Object.defineProperty(target, 'reallyExit', { ...original, value });
}
