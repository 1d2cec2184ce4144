/**
 * A real runner on a home of its own, and programs to run under it that the test steers:
 *
 *   const rig = await RunnerRig.start();               // options: daemon: source of the controller beside the runner
 *   const { child, instance } = await rig.launch();    // a steered program under the runner (steer.ts)
 *   await child.write('stdout', 'hello\n');
 *   await rig.client.call({ kind: 'stop', spec: { nonce: instance.nonce, signal: 'SIGTERM', tree: true, graceMs: 1000 } });
 *   await rig.client.nextState(instance.nonce, 'exited');
 *   await rig.killRunner(); await rig.startRunner();    // rig.client is a new one; apps live on
 *   await rig.upgrade();                                // another runner takes over from the one that lives; likewise
 *   await rig.close();                                  // ends everything and removes the home
 *
 * `rig.spec({...})` makes a SpawnSpec for any other program; `rig.logOf(instance)` gives the path of its log. The
 * rig's client is the controller, so the runner starts none.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findHolder } from '../../../src/runner/activation/holder-process.ts';
import { hostProcesses } from '../../../src/runner/processes/host-processes.ts';
import type { SpawnSpec } from '../../../src/runner/protocol/orders.ts';
import type { RunnerResult } from '../../../src/runner/protocol/messages.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { bundle } from '../bundle.ts';
import { eventually } from '../eventually.ts';
import { RunnerClient } from './runner-client.ts';
import { Steer, type SteeredChild } from '../steer.ts';
import { labels } from './labels.ts';

export interface RigOptions {
  /** Source of dist/daemon.cjs, the controller that the runner starts when none is connected. */
  readonly daemon?: string;
  /** Whether to connect, as the controller. */
  readonly connect?: boolean;
  /** Whether there is the program that keeps the sockets of apps. */
  readonly holder?: boolean;
  /** Added to the environment of the runner. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Launched {
  readonly child: SteeredChild;
  readonly instance: RunnerInstance;
}

export type HandedOver = Extract<RunnerResult, { kind: 'handed-over' }>;

const MARK = 'STATEWARD_TEST_RUN';

export class RunnerRig {
  readonly folder: string;
  readonly home: string;
  readonly socketPath: string;
  readonly steer: Steer;
  readonly #options: RigOptions;
  readonly #pids = new Set<number>();
  readonly #nonces = new Set<string>();
  #runner: ChildProcess | undefined;
  #client: RunnerClient | undefined;
  /** Of a runner that took over, and is no child of ours. */
  #successor: number | undefined;
  #spawned = 0;

  static async start(options: RigOptions = {}): Promise<RunnerRig> {
    // Sockets have to fit in 107 bytes: directly below /tmp.
    const folder = await mkdtemp('/tmp/stw-');
    const rig = new RunnerRig(folder, await Steer.listen(folder), options);
    await mkdir(join(folder, 'dist'));
    await mkdir(join(folder, 'home/run'), { recursive: true, mode: 0o700 });
    await copyFile(await bundle('src/runner/main.ts'), join(folder, 'dist/runner.cjs'));
    if (options.holder === true) {
      await copyFile(await bundle('src/holder/main.ts'), join(folder, 'dist/holder.cjs'));
    }
    if (options.daemon !== undefined) await writeFile(join(folder, 'dist/daemon.cjs'), options.daemon);
    await rig.startRunner();
    return rig;
  }

  private constructor(folder: string, steer: Steer, options: RigOptions) {
    this.folder = folder;
    this.home = join(folder, 'home');
    this.socketPath = join(folder, 'home/run/runner.sock');
    this.steer = steer;
    this.#options = options;
  }

  /** The connection to the runner that runs now. */
  get client(): RunnerClient {
    if (this.#client === undefined) throw new Error('the rig is not connected');
    return this.#client;
  }

  get runner(): ChildProcess {
    if (this.#runner === undefined) throw new Error('no runner was started');
    return this.#runner;
  }

  /** Starts a runner and waits until it listens. */
  async startRunner(): Promise<void> {
    const log = openSync(join(this.home, 'daemon.log'), 'a');
    const runner = spawn(process.execPath, [join(this.folder, 'dist/runner.cjs'), this.home], {
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...process.env, ...this.#options.env },
    });
    closeSync(log);
    this.#runner = runner;
    await eventually(() => this.#tryToConnect());
  }

  /** Program and arguments of another runner of this home. */
  get command(): readonly [string, ...string[]] {
    return [process.execPath, join(this.folder, 'dist/runner.cjs'), this.home];
  }

  /** Has another runner take the place of this one, and connects to it. Rejects with why it could not. */
  async upgrade(command = this.command): Promise<HandedOver> {
    const { client } = this;
    const result = await client.call({ kind: 'hand-over', command }, 'handed-over');
    await client.closed;
    await this.reconnect();
    return result;
  }

  /** Connects to whichever runner serves by now. */
  async reconnect(): Promise<void> {
    await eventually(() => this.#tryToConnect());
    this.#successor = this.client.runnerPid;
  }

  async killRunner(): Promise<void> {
    const pid = this.#successor;
    if (pid !== undefined) {
      this.#successor = undefined;
      killQuietly(pid);
      await eventually(() => hostProcesses().stat(pid)?.zombie !== false);
      return;
    }
    const ended = once(this.runner, 'exit');
    this.runner.kill('SIGKILL');
    await ended;
  }

  /** Resolves with the exit code of the runner when it has ended by itself. */
  async runnerEnd(): Promise<number | null> {
    if (this.runner.exitCode !== null) return this.runner.exitCode;
    const [code] = (await once(this.runner, 'exit')) as [number | null];
    return code;
  }

  /** The process that keeps the sockets of apps, if there is one. */
  holder(): number | null {
    return findHolder(join(this.home, 'run/sockets.json'), hostProcesses())?.pid ?? null;
  }

  daemonLog(): Promise<string> {
    return readFile(join(this.home, 'daemon.log'), 'utf8');
  }

  /** A process to start: `true` unless told otherwise, with logs in the home. */
  spec(overrides: Partial<SpawnSpec> = {}): SpawnSpec {
    const nonce = overrides.nonce ?? `n${process.pid}-${++this.#spawned}`;
    this.#nonces.add(nonce);
    const logs = join(this.home, 'logs');
    const base = {
      nonce,
      labels,
      file: 'true',
      args: [],
      cwd: this.folder,
      uid: null,
      gid: null,
      logs: {
        outFile: join(logs, `${nonce}-out.log`),
        errorFile: join(logs, `${nonce}-error.log`),
        combinedFile: null,
        dateFormat: null,
        json: false,
        rotate: null,
      },
      ...overrides,
    };
    const env = { PATH: process.env.PATH ?? '', [MARK]: process.env[MARK] ?? '', ...overrides.env };
    return { ...base, env: { ...env, STATEWARD_INSTANCE: nonce } };
  }

  /** Starts a steered program under the runner and waits until both say that it runs. */
  async launch(overrides: Partial<SpawnSpec> = {}): Promise<Launched> {
    const { program, env } = this.steer;
    const spec = this.spec({ file: process.execPath, args: [program], ...overrides });
    const instance = await this.client.spawn({ ...spec, env: { ...spec.env, ...env } });
    if (instance.exit?.error != null) throw new Error(instance.exit.error);
    const child = await this.nextChild();
    return { child, instance };
  }

  async nextChild(): Promise<SteeredChild> {
    const child = await this.steer.nextChild();
    this.#pids.add(child.pid);
    return child;
  }

  logOf({ nonce }: { readonly nonce: string }, stream: 'out' | 'error' = 'out'): string {
    return join(this.home, `logs/${nonce}-${stream}.log`);
  }

  async close(): Promise<void> {
    this.steer.close();
    await this.#haltRunner();
    // Before its controller is gone: it would start another.
    if (this.#successor !== undefined) await this.killRunner();
    if (this.#runner?.exitCode === null && this.#runner.signalCode === null) await this.killRunner();
    this.#client?.close();
    const holder = this.holder();
    if (holder !== null) this.#pids.add(holder);
    const processes = hostProcesses();
    for (const { pid, nonce } of await processes.scan()) {
      if (nonce !== null && this.#nonces.has(nonce)) this.#pids.add(pid);
    }
    for (const pid of this.#pids) killQuietly(pid);
    await eventually(() => [...this.#pids].every((pid) => processes.stat(pid)?.zombie !== false));
    // A mkfifo(1) of the runner's may still be at work.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }

  /** Has it start nothing more, so that all that it has started is known: a controller that ends at once, a mkfifo(1). */
  async #haltRunner(): Promise<void> {
    const pid = this.#successor ?? this.#runner?.pid;
    if (pid === undefined || !halt(pid)) return;
    await eventually(() => /^\d+ \(.*\) [TtZX] |^$/s.test(statText(pid)));
    const processes = hostProcesses();
    for (const { pid: child } of await processes.scan()) {
      if (processes.stat(child)?.parent === pid) this.#pids.add(child);
    }
  }

  async #tryToConnect(): Promise<boolean> {
    try {
      const connect = this.#options.connect === false ? 'connectSilently' : 'connect';
      this.#client = await RunnerClient[connect](this.socketPath);
      return true;
    } catch {
      if (this.runner.exitCode === null) return false;
      throw new Error(`the runner has ended:\n${await this.daemonLog()}`);
    }
  }
}

function halt(pid: number): boolean {
  try {
    return process.kill(pid, 'SIGSTOP');
  } catch {
    return false;
  }
}

/** Empty: there is none. */
function statText(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return '';
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGCONT');
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended, as it should have.
  }
}
