import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('../../fixtures/canary.cjs', import.meta.url));

/**
 * A process that is none of stateward's business, beside the apps: it leads its own group, as they do, and must get no
 * signal whatever happens.
 */
export class Canary {
  readonly #child: ChildProcess;
  #signals: string[] = [];

  static async start(): Promise<Canary> {
    const child = spawn(process.execPath, [PROGRAM], { detached: true, stdio: ['pipe', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    return new Canary(child);
  }

  private constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.on('data', (chunk: Buffer) => this.#signals.push(...chunk.toString().trim().split('\n')));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** What somebody did to it; empty: nothing. */
  get complaints(): readonly string[] {
    const { exitCode, signalCode } = this.#child;
    const end = signalCode ?? (exitCode === null ? null : `exit ${exitCode}`);
    return end === null ? this.#signals : [...this.#signals, end];
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.stdin?.end();
    await ended;
  }
}
