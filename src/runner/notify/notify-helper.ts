import { spawn, type ChildProcess } from 'node:child_process';
import type { Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { findProgram } from '../spawn/prefixes/put-in-front.ts';
import { HELPER_NEED, HELPERS } from './helper-program.ts';

export interface NotifyHelperOptions {
  readonly clock: Clock;
  readonly onMessage: (id: string, message: Buffer) => void;
  readonly onDropped: (id: string) => void;
  /** Nobody listens for any of them, and why; what comes after is `bound` again. */
  readonly onTrouble: (message: string) => void;
  /** Starts the program; rejects with an Error that says why it cannot. */
  readonly start?: () => Promise<ChildProcess>;
}

interface Bound {
  readonly path: string;
  /** Called each time that it listens; null: why it does not. */
  readonly listening: (failure: string | null) => void;
}

const AGAIN_MS = 100;
const LONGEST_AGAIN_MS = 5_000;
const MAX_LINE = 8_192;

/**
 * The program that listens for all apps of the home that notify: there while one does, and started again when it ends.
 *
 *   ∅ ──first bind──▶ up ──last drop──▶ ∅        up ──ends──▶ (100 ms … 5 s) ──▶ up, everything bound again
 */
export class NotifyHelper {
  readonly #options: NotifyHelperOptions;
  readonly #bound = new Map<string, Bound>();
  #child: ChildProcess | undefined;
  #starting: Promise<void> | undefined;
  #againMs = AGAIN_MS;

  constructor(options: NotifyHelperOptions) {
    this.#options = options;
  }

  /** Listens at a path, whatever is there. Rejects with an Error that says, for a person, why it cannot. */
  async bind(id: string, path: string, listening: (failure: string | null) => void): Promise<void> {
    this.#starting ??= this.#start();
    try {
      await this.#starting;
    } finally {
      this.#starting = undefined;
    }
    await new Promise<void>((resolve, reject) => {
      const told = (failure: string | null): void => {
        listening(failure);
        if (failure === null) resolve();
        else reject(new Error(`notify: cannot listen at ${path}: ${failure}`));
      };
      this.#bound.set(id, { path, listening: told });
      this.#say(`bind ${id} ${path}`);
    });
  }

  drop(id: string): void {
    const bound = this.#bound.get(id);
    if (bound === undefined) return;
    this.#bound.delete(id);
    this.#say(`drop ${id} ${bound.path}`);
    if (this.#bound.size === 0) {
      this.#child?.stdin?.end();
      this.#child = undefined;
    }
  }

  async #start(): Promise<void> {
    if (this.#child !== undefined) return;
    const child = await (this.#options.start ?? spawnFirst)();
    this.#child = child;
    let text = '';
    child.stdin?.on('error', () => undefined);
    child.stdout?.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk;
      const lines = text.split('\n');
      text = lines.pop() ?? '';
      if (text.length > MAX_LINE) text = '';
      for (const line of lines) this.#heard(line);
    });
    child.once('exit', () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (this.#bound.size > 0) this.#startAgain();
    });
  }

  #startAgain(): void {
    const { clock, onTrouble } = this.#options;
    clock.after(this.#againMs, () => {
      if (this.#child !== undefined || this.#bound.size === 0) return;
      this.#againMs = Math.min(LONGEST_AGAIN_MS, this.#againMs * 2);
      this.#start().then(
        () => {
          for (const [id, { path }] of this.#bound) this.#say(`bind ${id} ${path}`);
        },
        (error: unknown) => {
          onTrouble(errorMessage(error));
          this.#startAgain();
        },
      );
    });
  }

  #heard(line: string): void {
    const [what, id = '', ...rest] = line.split(' ');
    const bound = this.#bound.get(id);
    if (bound === undefined) return;
    if (what === 'bound') {
      this.#againMs = AGAIN_MS;
      bound.listening(null);
    }
    if (what === 'failed') bound.listening(rest.join(' '));
    if (what === 'd') this.#options.onDropped(id);
    if (what === 'm') this.#options.onMessage(id, Buffer.from(rest[0] ?? '', 'hex'));
  }

  #say(line: string): void {
    this.#child?.stdin?.write(`${line}\n`);
  }
}

/** Where the programs of this host are that can listen. Rejects with an Error that says what to install where none is. */
export async function findHelpers(): Promise<readonly Helper[]> {
  const found = await Promise.all(
    HELPERS.map(async ({ program, args }) => {
      const prefix = { key: 'notify', program, args: [], need: HELPER_NEED };
      return { file: await findProgram(prefix).catch(() => null), args };
    }),
  );
  const there = found.flatMap(({ file, args }) => (file === null ? [] : [{ file, args }]));
  if (there.length === 0) throw new Error(`notify: ${HELPER_NEED}`);
  return there;
}

interface Helper {
  readonly file: string;
  readonly args: readonly string[];
}

async function spawnFirst(): Promise<ChildProcess> {
  for (const { file, args } of await findHelpers()) {
    const child = spawn(file, [...args], {
      stdio: ['pipe', 'pipe', 'ignore'],
      cwd: '/',
      env: { PATH: '/usr/bin:/bin' },
      // A signal of the terminal is none of its business.
      detached: true,
    });
    child.on('error', () => undefined);
    if (child.pid !== undefined) return child;
  }
  throw new Error(`notify: ${HELPER_NEED}`);
}
