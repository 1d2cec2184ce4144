import { execFile } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { FIFOS, fifoPath, removeFifos } from './fifo.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import { limitsHint, startError } from '../spawn/limits-hint.ts';

/** Sets kept ready. */
const SPARE = 16;

interface Waiter {
  readonly resolve: (io: string) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Sets of FIFOs made ahead of need: Node cannot make one, and a mkfifo(1) for each start would cost more than the
 * start. A set is used for one process only, so what is left in it can never reach another one's log.
 */
export class FifoPool {
  readonly #folder: string;
  readonly #prefix: string;
  #made = 0;
  #ready: string[] = [];
  #waiting: Waiter[] = [];
  #making = false;

  /** `prefix` keeps the names of this runner apart from those an earlier one left. */
  constructor(folder: string, prefix: string) {
    this.#folder = folder;
    this.#prefix = prefix;
  }

  /** Name of a set that nobody else has; rejects when none can be made. */
  take(): Promise<string> {
    const io = this.#takeReady();
    if (this.#ready.length < SPARE / 2) setImmediate(() => this.refill());
    if (io !== undefined) return Promise.resolve(io);
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Somebody may have removed them, with their folder, since they were made: then all of them are made again. */
  #takeReady(): string | undefined {
    const io = this.#ready.pop();
    if (io === undefined || FIFOS.every((name) => existsSync(fifoPath(this.#folder, io, name)))) return io;
    this.#ready = [];
    return undefined;
  }

  /** Makes what is missing in one mkfifo(1). */
  refill(): void {
    const count = this.#waiting.length + SPARE - this.#ready.length;
    if (this.#making || count <= 0) return;
    try {
      makeFifoFolder(this.#folder);
    } catch (error) {
      this.#fail(new Error(`spawn: cannot make the folder of FIFOs: ${errorMessage(error)}`));
      return;
    }
    this.#making = true;
    const sets = Array.from({ length: count }, () => `${this.#prefix}-${++this.#made}`);
    const paths = sets.flatMap((io) => FIFOS.map((name) => `${io}.${name}`));
    const options = { cwd: this.#folder, env: { ...process.env, LC_ALL: 'C' } };
    execFile('mkfifo', ['-m', '600', ...paths], options, (error) => {
      this.#making = false;
      if (error === null) {
        this.#hand(sets);
        return;
      }
      for (const io of sets) removeFifos(this.#folder, io);
      this.#fail(whyNotMade(this.#folder, error));
    });
  }

  #hand(sets: readonly string[]): void {
    this.#ready.push(...sets);
    for (const { resolve } of this.#waiting.splice(0, this.#ready.length)) {
      const io = this.#ready.pop();
      if (io !== undefined) resolve(io);
    }
    if (this.#waiting.length > 0) this.refill();
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }
}

/** In the place of whatever else has the name. Throws the system's error. */
function makeFifoFolder(folder: string): void {
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return;
  rmSync(folder, { force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
}

/** What mkfifo(1) has said, or why it could not be run: of many paths the first is enough. */
function whyNotMade(folder: string, error: Error): Error {
  const [first = '', said = first] = error.message.trim().split('\n');
  const code = errorCode(error) ?? codeIn(said);
  const hint = limitsHint(code);
  return startError(
    code,
    `spawn: cannot make FIFOs in ${folder}: ${hint === null ? said : `${code}: ${hint}`}`,
  );
}

/** mkfifo(1) says it in words. */
function codeIn(said: string): string | undefined {
  if (said.endsWith('No space left on device')) return 'ENOSPC';
  if (said.endsWith('Disk quota exceeded')) return 'EDQUOT';
  return said.endsWith('Read-only file system') ? 'EROFS' : undefined;
}

/** Names of what is there that no instance needs, FIFOs of an earlier runner; `used`: names of sets. */
export function unusedFifos(folder: string, used: ReadonlySet<string>): readonly string[] {
  makeFifoFolder(folder);
  return readdirSync(folder).filter((name) => !used.has(name.slice(0, name.lastIndexOf('.'))));
}

export function removeFifosNamed(folder: string, names: readonly string[]): void {
  for (const name of names) rmSync(join(folder, name), { recursive: true, force: true });
}
