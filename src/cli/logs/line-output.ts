import type { OutputStream } from '../views/text/terminal.ts';

/** So much is written at once, at most. */
const FULL_BYTES = 32 * 1024;

/** Writes many lines with few calls: what comes together is written together, and nothing waits for what is to come. */
export class LineOutput {
  readonly #stream: OutputStream;
  #waiting: (string | Uint8Array)[] = [];
  #size = 0;
  #isPlanned = false;

  constructor(stream: OutputStream) {
    this.#stream = stream;
  }

  write(line: string | Uint8Array): void {
    this.#waiting.push(line);
    this.#size += line.length;
    if (this.#size >= FULL_BYTES) this.flush();
    else if (!this.#isPlanned) {
      this.#isPlanned = true;
      setImmediate(() => {
        this.#isPlanned = false;
        this.flush();
      });
    }
  }

  flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#size = 0;
    if (waiting.every((line) => typeof line === 'string')) this.#stream.write(waiting.join(''));
    else this.#stream.write(Buffer.concat(waiting.map((line) => Buffer.from(line as Uint8Array))));
  }
}
