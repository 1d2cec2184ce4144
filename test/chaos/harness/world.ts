import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { homeLayout, type HomeLayout } from '../../../src/home/layout.ts';
import { errorMessage } from '../../../src/lib/system-error.ts';
import type { FailpointName } from '../../../src/lib/failpoints/names.ts';
import { BIN, Host, isAlive, type Ran, type RunOptions } from '../../support/host.ts';
import type { Canary } from './watch/canary.ts';
import { assertInvariants } from './invariants.ts';
import { markedProcesses, type Marked } from './watch/marked.ts';
import { SeededRandom } from './random.ts';
import { SlotWatch } from './watch/slot-watch.ts';
import { until } from './until.ts';

/** The longest that any command may take, unless a row says otherwise. */
const COMMAND_LIMIT_MS = 60_000;

export interface WorldOptions {
  readonly name: string;
  readonly seed: string;
  readonly canary: Canary;
  /** Whether a row is to try one of its variants, and not all. */
  readonly brief: boolean;
}

type Daemon = 'controller' | 'runner';

/**
 * A host with a daemon and apps to put faults into. All that its apps start carries a mark, so that it is found
 * whatever becomes of it; a watch looks all the time for a slot that is filled twice.
 */
export class World extends Host {
  readonly random: SeededRandom;
  readonly canary: Canary;
  readonly slots: SlotWatch;
  /** Built file of the command. */
  readonly bin = BIN;
  /** Where the home is for this process; not its name where it is mounted for the daemon alone. */
  paths: HomeLayout = homeLayout(this.home);
  /** Added to the environment of every command, and so of the daemon that one starts. */
  readonly env: Record<string, string>;
  /** What the row wants in the table of results. */
  readonly notes: string[] = [];
  /** Programs to run instead of a command itself: `unshare -m ...`. Its first word is the program. */
  within: readonly string[] = [];
  readonly #brief: boolean;
  readonly #mark: string;
  readonly #faultFile = join(this.folder, 'fault');

  constructor({ name, seed, canary, brief }: WorldOptions) {
    super();
    this.random = new SeededRandom(seed, name);
    this.canary = canary;
    this.#brief = brief;
    this.#mark = this.folder;
    this.env = { STATEWARD_FAILPOINT: `@${this.#faultFile}` };
    this.slots = new SlotWatch(() => this.processes());
  }

  override declare(...apps: readonly Record<string, unknown>[]): void {
    super.declare(
      ...apps.map((app) => ({
        min_uptime: 100,
        ...app,
        env: { ...(app['env'] as Record<string, string> | undefined), CHAOS_WORLD: this.#mark },
      })),
    );
  }

  /** All of these; of a brief run the one that the seed chooses. */
  variants<T>(all: readonly T[]): readonly T[] {
    return this.#brief ? [this.random.pick(all)] : all;
  }

  /** How often to do something that each time is another time: less often in a brief run. */
  times(whole: number): number {
    return this.#brief ? Math.min(whole, 2) : whole;
  }

  /** The text of a file below the folder. */
  text(path: string): string {
    return readFileSync(join(this.folder, path), 'utf8');
  }

  /** Writes a program. */
  script(path: string, text: string): void {
    chmodSync(this.write(path, text), 0o755);
  }

  writeBytes(path: string, bytes: Buffer): void {
    writeFileSync(join(this.folder, path), bytes);
  }

  /** Removes a file or a folder below the folder. */
  remove(path: string): void {
    rmSync(join(this.folder, path), { recursive: true });
  }

  /** Runs a command; one that hangs is an error whatever the row expects. */
  override async run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const limitMs = options.limitMs ?? COMMAND_LIMIT_MS;
    const began = performance.now();
    const env = { ...this.env, ...options.env };
    const ran = await super.run(args, { ...options, env, limitMs, within: this.within });
    if (performance.now() - began >= limitMs) {
      throw new Error(`stateward ${args.join(' ')}: has not ended in ${limitMs} ms\n${ran.text}`);
    }
    return ran;
  }

  /** Runs a command that must end with one of these codes. */
  async ends(codes: readonly number[], args: readonly string[], options?: RunOptions): Promise<Ran> {
    const ran = await this.run(args, options);
    if (ran.code !== null && codes.includes(ran.code)) return ran;
    throw new Error(
      `stateward ${args.join(' ')}: exit ${String(ran.code)}, not ${codes.join(' or ')}\n${ran.text}`,
    );
  }

  /** Starts a command, and leaves it to the row to end it. */
  begin(...args: readonly string[]) {
    const env = { ...process.env, NO_COLOR: '1', ...this.env, STATEWARD_HOME: this.home };
    return spawn(process.execPath, [BIN, ...args], {
      cwd: this.folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }

  /** What the apps have started and what is alive of it. */
  processes(): readonly Marked[] {
    return markedProcesses(`CHAOS_WORLD=${this.#mark}`);
  }

  /** Controllers and runners of this home. */
  daemons(): readonly Marked[] {
    return markedProcesses(`STATEWARD_HOME=${this.home}`).filter(({ command }) =>
      /stateward runner|daemon\.cjs|runner\.cjs/.test(command),
    );
  }

  /** The pid of the process that holds the lock, if it lives. */
  pidOf(which: Daemon): number | null {
    const lock = which === 'controller' ? this.paths.controllerLock : this.paths.runnerLock;
    const pid = existsSync(lock) ? Number.parseInt(readFileSync(lock, 'utf8'), 10) : NaN;
    return Number.isInteger(pid) && isAlive(pid) ? pid : null;
  }

  /** Kills it; gives its pid. One that is just being started is waited for. */
  async kill(which: Daemon, signal: NodeJS.Signals = 'SIGKILL'): Promise<number> {
    const pid = await until(() => this.pidOf(which) ?? undefined, `there is a ${which}`);
    process.kill(pid, signal);
    return pid;
  }

  /** Waits until another one than `before` is there. */
  next(which: Daemon, before: number): Promise<number> {
    return until(() => {
      const pid = this.pidOf(which);
      return pid === null || pid === before ? undefined : pid;
    }, `there is another ${which}`);
  }

  /** Lets a random time go by: when a fault comes is what the seed decides. */
  async moment(leastMs: number, mostMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.random.between(leastMs, mostMs)));
  }

  /** Puts a fault into the daemon that runs: `state.synced:kill`. */
  arm(fault: `${FailpointName}:${string}`): void {
    rmSync(`${this.#faultFile}.fired`, { force: true });
    writeFileSync(`${this.#faultFile}.new`, fault);
    // In one go: a process that looks in between would read half of it.
    renameSync(`${this.#faultFile}.new`, this.#faultFile);
  }

  disarm(): void {
    rmSync(this.#faultFile, { force: true });
  }

  /** Whether the fault that was put last has happened. */
  get fired(): boolean {
    return existsSync(`${this.#faultFile}.fired`);
  }

  /** Every app works and is as declared, by the daemon's own word. */
  settled(limitMs = 30_000): Promise<true> {
    return until(
      async () => {
        const ran = await this.run(['get', '-o', 'json']);
        if (ran.code !== 0) return undefined;
        const { items } = JSON.parse(ran.stdout) as Awaited<ReturnType<Host['apps']>>;
        const isFine = items.every(({ status }) => status.sync === 'Synced' && status.health === 'Healthy');
        return items.length > 0 && isFine ? true : undefined;
      },
      'every app is Synced and Healthy',
      limitMs,
    ).catch(async (error: unknown) => {
      throw new Error(`${errorMessage(error)}\n${(await this.run(['why'])).stdout}`);
    });
  }

  /** Restarts of every app together. */
  async restarts(): Promise<number> {
    const { items } = await this.apps();
    return items.flatMap(({ status }) => status.instances).reduce((sum, { restarts }) => sum + restarts, 0);
  }

  /** Throws when an invariant does not hold; see there. */
  async check(): Promise<void> {
    await assertInvariants(this);
  }

  /** Ends all that is left, whatever state it is in: also what one of them has started to replace another. */
  endProcesses(): void {
    for (let round = 0; round < 20; round++) {
      const left = [...this.daemons(), ...this.processes()];
      if (left.length === 0) return;
      for (const { pid } of left) end(pid);
    }
  }

  /** Takes the world apart without a word, for a row that has failed. */
  endByForce(): void {
    this.slots.end();
    this.endProcesses();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  override [Symbol.asyncDispose](): Promise<void> {
    this.endByForce();
    return Promise.resolve();
  }
}

function end(pid: number): void {
  for (const signal of ['SIGKILL', 'SIGCONT'] as const) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended.
    }
  }
}
