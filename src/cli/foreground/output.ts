import type { OutputStream } from '../views/text/terminal.ts';

/** How long a reader may take at the end for what it has not taken yet. */
const FLUSH_LIMIT_MS = 5_000;

/** Lines of apps are bytes, and stay as they are. */
export interface ByteStream extends OutputStream {
  write(text: string | Buffer): unknown;
}

/** The output of a foreground run: nobody who reads slowly, or not at all, keeps it from hearing its signals. */
export interface Output {
  readonly stdout: ByteStream;
  readonly stderr: ByteStream;
  /** What `work` writes goes out in one go. */
  readonly together: (work: () => void) => void;
  /** Whether a reader is behind. */
  readonly isFull: () => boolean;
  /** Called when readers have caught up. */
  onFlow(callback: () => void): void;
  /** Called once when nobody reads any more. */
  onGone(callback: () => void): void;
  /** Resolves when readers have taken what there was, or their time is over. */
  flush(): Promise<void>;
}

/** Takes over the streams of this process. */
export function openOutput(): Output {
  const streams = [process.stdout, process.stderr];
  let flow: () => void = () => undefined;
  let gone: () => void = () => undefined;
  const isFull = (): boolean => streams.some((stream) => stream.writableNeedDrain && !stream.destroyed);
  for (const stream of streams) {
    makeAsynchronous(stream);
    stream.removeAllListeners('error');
    // Nobody is left to read it: a pipe that was closed, a terminal that has gone.
    stream.on('error', () => {
      gone();
      gone = () => undefined;
      flow();
    });
    stream.on('drain', () => {
      if (!isFull()) flow();
    });
  }
  return {
    stdout: guarded(process.stdout),
    stderr: guarded(process.stderr),
    together(work) {
      for (const stream of streams) stream.cork();
      work();
      for (const stream of streams) stream.uncork();
    },
    isFull,
    onFlow: (callback) => (flow = callback),
    onGone: (callback) => (gone = callback),
    async flush() {
      await Promise.all(streams.map(flushed));
      // A reader that has not taken it by now does not keep this process from its end.
      for (const stream of streams) if ('unref' in stream) stream.unref();
    },
  };
}

/** Node writes to pipes and terminals in one go, and waits in it: a reader that has stopped would stop us. */
function makeAsynchronous(stream: NodeJS.WriteStream): void {
  const { _handle: handle } = stream as { readonly _handle?: { setBlocking?: (on: boolean) => void } };
  handle?.setBlocking?.(false);
}

function guarded(stream: NodeJS.WriteStream): ByteStream {
  const { isTTY, columns } = stream;
  return {
    ...(isTTY && { isTTY, columns }),
    write: (text: string | Buffer) => (stream.destroyed ? false : stream.write(text)),
  };
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, FLUSH_LIMIT_MS);
    stream.write('', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
