import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { connectApi, type ApiClient } from '../../src/api/client/client.ts';
import { unwrap } from '../../src/cli/session/failures.ts';
import { homeLayout } from '../../src/home/layout.ts';
import { quietContext } from '../../src/library/surroundings.ts';
import type { AppList } from '../../src/api/contract/wire/apps.ts';
import type { DaemonStatus } from '../../src/api/contract/wire/daemon.ts';
import { eventually } from './eventually.ts';

/** The built `stateward`. */
export const BIN = fileURLToPath(new URL('../../dist/bin.cjs', import.meta.url));

/** How one command ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, for "it says so somewhere". */
  readonly text: string;
}

export interface RunOptions {
  readonly env?: Record<string, string>;
  readonly input?: string;
  readonly cwd?: string;
  /** It is killed then, and has no code. */
  readonly limitMs?: number;
  /** The program that runs the command, with its arguments: `unshare -m`. */
  readonly within?: readonly string[];
}

/**
 * A folder with an ecosystem file and a home of its own, worked on with the built `stateward` as a person would.
 * `await using` it: everything that runs is stopped, and the folder removed.
 */
export class Host implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'stw-e2e-'));
  readonly home = join(this.folder, 'home');
  /** Not in the folder, where it would be code. */
  readonly #up = `${this.folder}-up`;
  /** Whose commands are run: those of what is built now, unless a test says another. */
  commandFile = BIN;

  /** Writes a file below the folder. */
  write(path: string, text: string): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  /** Writes `ecosystem.yaml` with these apps, in the project `shop`. */
  declare(...apps: readonly Record<string, unknown>[]): void {
    this.write('ecosystem.yaml', stringify({ project: 'shop', apps }));
  }

  /** What a program says when it is up, for `loaded`. */
  saysUp(): string {
    mkdirSync(this.#up, { recursive: true });
    return `require('node:fs').writeFileSync(${JSON.stringify(`${this.#up}/`)} + process.pid, '');`;
  }

  /** The text of a program that does something, then stays up and says so: see `loaded`. */
  sleeper(first = ''): string {
    return `${first}; ${this.saysUp()} setInterval(() => {}, 1e6);`;
  }

  /**
   * Waits until every process has said that it is up: each counts as ready after its min_uptime, and on a busy host that may
   * be before it has loaded its program. Until then it needs its files as they are, and has done nothing yet.
   */
  async loaded(): Promise<void> {
    const pids = Object.values(await this.pids()).flat();
    await eventually(() => pids.every((pid) => existsSync(join(this.#up, String(pid)))));
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const [file = '', ...words] = [...(options.within ?? []), process.execPath, this.commandFile, ...args];
    const child = spawn(file, words, {
      timeout: options.limitMs,
      killSignal: 'SIGKILL',
      cwd: options.cwd ?? this.folder,
      env: { ...process.env, NO_COLOR: '1', STATEWARD_HOME: this.home, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    // Who does not read what it is given may end before it is there.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
    const [out, err] = [Buffer.concat(stdout).toString(), Buffer.concat(stderr).toString()];
    return { code, stdout: out, stderr: err, text: `${out}\n${err}` };
  }

  /**
   * The same in this process, from the sources: for tables of many commands that start nothing of their own. What `bin` does
   * before it loads the command line is not in it.
   */
  async runHere(args: readonly string[], { env = {}, cwd = this.folder }: RunOptions = {}): Promise<Ran> {
    const { runCommandLine } = await import('../../src/cli/main.ts');
    const out = { stdout: '', stderr: '' };
    const stream = (name: keyof typeof out) => ({
      write: (text: string): boolean => {
        out[name] += text;
        return true;
      },
    });
    const code = await runCommandLine(
      { argv: args },
      {
        ...quietContext({
          cwd,
          environment: { ...process.env, NO_COLOR: '1', STATEWARD_HOME: this.home, ...env },
        }),
        cwd,
        streams: { stdout: stream('stdout'), stderr: stream('stderr') },
        files: {
          daemon: join(dirname(BIN), 'daemon.cjs'),
          evaluate: join(dirname(BIN), 'evaluate.cjs'),
          schema: join(dirname(BIN), '../schema/ecosystem.schema.json'),
          docs: join(dirname(BIN), '../docs'),
        },
      },
    );
    return { code, ...out, text: `${out.stdout}\n${out.stderr}` };
  }

  /** Runs a command that must end with 0. */
  async ok(...args: readonly string[]): Promise<Ran> {
    const ran = await this.run(args);
    if (ran.code !== 0) throw new Error(`stateward ${args.join(' ')}: exit ${ran.code}\n${ran.text}`);
    return ran;
  }

  /** What `get -o json` prints, without the command: tests ask for it again and again. */
  async apps(): Promise<AppList> {
    const listed = await this.#api.apps({ selectors: [], spec: 'redacted', ports: true });
    // No daemon, or one whose home is elsewhere for it (a mount of its own): the command knows what to do.
    return listed.ok ? listed.value : (JSON.parse((await this.ok('get', '-o', 'json')).stdout) as AppList);
  }

  /** Pids of every app, by name, in the order of slots. */
  async pids(): Promise<Record<string, (number | null)[]>> {
    const { items } = await this.apps();
    return Object.fromEntries(
      items.map(({ name, status }) => [name, status.instances.map(({ pid }) => pid)]),
    );
  }

  /** What `daemon status -o json` prints while a daemon answers. */
  async daemon(): Promise<DaemonStatus> {
    return unwrap(await this.#api.status());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (existsSync(this.home) && !(await this.#stops())) await this.run(['daemon', 'stop', '--all']);
    for (const path of [this.folder, this.#up]) rmSync(path, { recursive: true, force: true });
  }

  /** Has the daemon and every app end; false: it did not, or none answers, and what runs is for the command to find. */
  async #stops(): Promise<boolean> {
    const status = await this.#api.status();
    if (!status.ok || !(await this.#api.stopDaemon({ all: true })).ok) return false;
    const { controller, runner } = status.value;
    if (runner === null) return false;
    await eventually(() => [controller?.pid, runner.pid].every((pid) => pid === undefined || !isAlive(pid)));
    return true;
  }

  get #api(): ApiClient {
    return connectApi({ socketPath: homeLayout(this.home).apiSocket });
  }
}

/** The environment of a process as the kernel has it. */
export function environmentOf(pid: number): Record<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return Object.fromEntries(
    entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
  );
}

/** Whether a process is there and has not become a zombie. */
export function isAlive(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
