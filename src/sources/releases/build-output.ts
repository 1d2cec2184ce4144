import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';

/** What a build writes, kept in a file: its beginning as it comes, its end when it has ended, and how much is left out between. */
export class BuildOutput {
  readonly #file: WriteStream;
  readonly #half: number;
  #written = 0;
  #tail: Buffer[] = [];
  #tailSize = 0;
  #dropped = 0;
  #failed: Error | null = null;

  constructor(path: string, maxBytes: number) {
    this.#half = Math.floor(maxBytes / 2);
    this.#file = createWriteStream(path, { mode: 0o600 });
    // A full disk is no reason for a build to fail that may still end well.
    this.#file.on('error', (error) => (this.#failed = error));
  }

  write(chunk: Buffer): void {
    const room = Math.max(0, this.#half - this.#written);
    if (room > 0 && this.#failed === null) this.#file.write(chunk.subarray(0, room));
    this.#written += Math.min(room, chunk.length);
    if (chunk.length <= room) return;
    this.#tail.push(chunk.subarray(room));
    this.#tailSize += chunk.length - room;
    while (this.#tailSize > this.#half) {
      const [first] = this.#tail;
      if (first === undefined) break;
      const over = Math.min(first.length, this.#tailSize - this.#half);
      if (over === first.length) this.#tail.shift();
      else this.#tail[0] = first.subarray(over);
      this.#tailSize -= over;
      this.#dropped += over;
    }
  }

  async close(): Promise<void> {
    if (this.#failed === null) {
      if (this.#dropped > 0) this.#file.write(`\n[… ${this.#dropped} bytes are left out …]\n`);
      for (const chunk of this.#tail) this.#file.write(chunk);
      this.#file.end();
      await once(this.#file, 'close').catch(() => undefined);
    }
  }
}
