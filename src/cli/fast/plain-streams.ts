import { fstatSync, writeSync } from 'node:fs';
import { errorCode } from '../../lib/system-error.ts';
import type { OutputStream, Streams } from '../views/text/terminal.ts';

/**
 * Standard output and error for an answer that is printed at once. Where they are files, pipes or sockets they are written
 * to as they are: Node's own streams cost a command a tenth of its start. On a terminal Node's are taken.
 */
export function plainStreams(nodes: () => Streams): Streams {
  return {
    stdout: new PlainStream(1, () => nodes().stdout),
    stderr: new PlainStream(2, () => nodes().stderr),
  };
}

/** Nothing is looked at before it is used: most commands say nothing on standard error. */
class PlainStream implements OutputStream {
  readonly #descriptor: number;
  readonly #node: () => OutputStream;
  #isNodes: boolean | null = null;

  constructor(descriptor: number, node: () => OutputStream) {
    this.#descriptor = descriptor;
    this.#node = node;
  }

  get isTTY(): boolean {
    return this.#nodes()?.isTTY ?? false;
  }

  get columns(): number | undefined {
    return this.#nodes()?.columns;
  }

  get rows(): number | undefined {
    return this.#nodes()?.rows;
  }

  write(text: string | Uint8Array): unknown {
    const stream = this.#nodes();
    if (stream !== null) return stream.write(text);
    const rest = writeAll(this.#descriptor, typeof text === 'string' ? Buffer.from(text) : text);
    if (rest === null) return true;
    this.#isNodes = true;
    return this.#node().write(rest);
  }

  /** null: it is none that Node's stream is needed for. */
  #nodes(): OutputStream | null {
    this.#isNodes ??= isDevice(this.#descriptor);
    return this.#isNodes ? this.#node() : null;
  }
}

/** What could not be written without waiting; null: all was, or nobody reads it. */
function writeAll(descriptor: number, bytes: Uint8Array): Uint8Array | null {
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if (errorCode(error) === 'EPIPE') return null;
      // The reader has made it non-blocking; and what else is wrong, Node's stream says.
      return bytes.subarray(written);
    }
  }
  return null;
}

/** The number of /dev/null on Linux, which many give to a command whose output they do not want. */
const NULL_DEVICE = 0x103;

/** A terminal, and what looks like one; what is closed is left to Node too. */
function isDevice(descriptor: number): boolean {
  try {
    const stats = fstatSync(descriptor);
    return stats.isCharacterDevice() && !(process.platform === 'linux' && stats.rdev === NULL_DEVICE);
  } catch {
    return true;
  }
}
