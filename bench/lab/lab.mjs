import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { runProgram } from './run-program.mjs';
import { timedCommand } from './timed-command.mjs';
import { upCounter } from './up-counter.mjs';

const IDLE = join(import.meta.dirname, '../apps/idle.cjs');

/** How many apps there are where the rows say "100 apps". */
export const APPS = 100;

/** What has just started is not at rest. */
const SETTLE_MS = 3_000;

/** No command takes so long: it hangs. */
const COMMAND_MS = 100_000;

/**
 * Where rows are measured: a folder, a home of stateward and one of PM2 that are gone afterwards, and what runs in them.
 * What is on stage stays there from one row to the next that wants the same.
 */
export class Lab {
  /** PM2: `{ program, version, missing }`, see pm2.mjs. */
  #pm2;
  #bin;
  #stage = 'nothing';
  #children = new Set();
  #shared = new Map();
  #closing = null;

  static async open({ root, pm2 }) {
    const lab = new Lab(root, pm2);
    lab.up = await upCounter(lab.upSocket);
    return lab;
  }

  constructor(root, pm2) {
    this.root = root;
    this.#bin = join(root, 'dist/bin.cjs');
    this.#pm2 = pm2;
    this.folder = mkdtempSync(join(tmpdir(), 'stw-bench-'));
    this.home = join(this.folder, 'home');
    this.upSocket = join(this.folder, 'up.sock');
    this.env = environment(this.folder);
  }

  get hasPm2() {
    return this.#pm2.program !== null;
  }

  /** Wall milliseconds of one command. */
  async stateward(...args) {
    return (await this.#run([this.#bin, ...args])).ms;
  }

  /** `{ wall, cpu }` of one command, in milliseconds. */
  statewardCost(...args) {
    return timedCommand([process.execPath, this.#bin, ...args], { cwd: this.folder, env: this.env });
  }

  async statewardOutput(...args) {
    return (await this.#run([this.#bin, ...args])).stdout;
  }

  /** The full status of the daemon, as JSON. */
  async daemon() {
    return JSON.parse(await this.statewardOutput('daemon', 'status', '-o', 'json'));
  }

  /** The apps that match, as `get` gives them. */
  async apps(...selectors) {
    return JSON.parse(await this.statewardOutput('get', ...selectors, '-o', 'json')).items;
  }

  async pm2(...args) {
    return (await this.#run([this.#pm2.program, ...args])).ms;
  }

  async pm2Output(...args) {
    return (await this.#run([this.#pm2.program, ...args])).stdout;
  }

  /** Its processes, as `jlist` gives them. */
  async pm2List() {
    const text = await this.pm2Output('jlist', '--silent');
    return JSON.parse(text.slice(text.indexOf('[')));
  }

  /** Where there is no PM2, undefined: nothing to measure. */
  ifPm2(way) {
    return this.hasPm2 ? way : undefined;
  }

  async bareNode() {
    return (await this.#run(['-e', '0'])).ms;
  }

  /** A Node program of the benchmark's own, ended with it. */
  spawn(args, { env = {}, ...options } = {}) {
    const child = spawn(process.execPath, args, {
      ...{ cwd: this.folder, stdio: 'ignore', ...options },
      env: { ...this.env, ...env },
    });
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Writes an ecosystem file that both read. */
  write(name, apps) {
    const file = join(this.folder, `${name}.json`);
    writeFileSync(file, JSON.stringify({ project: name, apps }));
    return file;
  }

  /** What `measure` resolves with, measured once for all rows that want it. */
  shared(measure) {
    if (!this.#shared.has(measure)) this.#shared.set(measure, measure(this));
    return this.#shared.get(measure);
  }

  idleApps(more = {}) {
    return Array.from({ length: APPS }, (_, i) => ({
      ...{ name: `idle-${i}`, script: IDLE, restart_delay: 0, ...more },
      env: { BENCH_SOCKET: this.upSocket, N: String(i) },
    }));
  }

  /** The file of the idle apps. */
  get idleFile() {
    return join(this.folder, 'idle.json');
  }

  /** From here until `count` more programs have said that they are up, in milliseconds. */
  async untilUp(count, begin) {
    this.up.reset();
    const reached = this.up.reached(count);
    const from = performance.now();
    await begin();
    return (await reached) - from;
  }

  /**
   * What runs while a row is measured: `nothing` (the daemons may), `ours` (at least) 100 idle apps under a stateward that was
   * started for them, `both` those and the same 100 under PM2.
   */
  async setStage(wanted) {
    const isThere = wanted === this.#stage || (wanted === 'ours' && this.#stage === 'both');
    if (isThere) return;
    if (wanted === 'nothing') return await this.clear();
    this.write('idle', this.idleApps());
    if (this.#stage === 'nothing') await this.stateward('apply', '-f', this.idleFile);
    if (wanted === 'both' && this.hasPm2) await this.untilUp(APPS, () => this.pm2('start', this.idleFile));
    await setTimeout(SETTLE_MS);
    this.#stage = wanted;
  }

  /** Ends both daemons with all that they run, and whatever else was started here. */
  async clear() {
    this.#stage = 'nothing';
    for (const child of this.#children) child.kill('SIGKILL');
    await this.stateward('daemon', 'stop', '--all');
    if (this.hasPm2) await this.pm2('kill');
  }

  /** Ends what was started here, and nothing else. */
  close() {
    return (this.#closing ??= this.#close());
  }

  async #close() {
    for (const child of this.#children) child.kill('SIGKILL');
    const ends = [this.stateward('daemon', 'stop', '--all'), ...(this.hasPm2 ? [this.pm2('kill')] : [])];
    for (const end of await Promise.allSettled(ends)) if (end.reason) console.error(end.reason.message);
    this.up.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  #run(argv) {
    return runProgram([process.execPath, ...argv], { cwd: this.folder, env: this.env, timeout: COMMAND_MS });
  }
}

/** That of whoever runs this, without what would change what is measured. */
function environment(folder) {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(STATEWARD_|PM2_|pm2_|npm_|NODE_OPTIONS$)/.test(name),
  );
  const env = Object.fromEntries(kept);
  // Read by every Node 20 at start, for 20 ms and more: it would make every ratio look better than it is.
  delete env.NODE_EXTRA_CA_CERTS;
  return {
    ...env,
    STATEWARD_HOME: join(folder, 'home'),
    PM2_HOME: join(folder, 'pm2'),
    // Builds that share a cache of compiled code take each other's out of it.
    XDG_CACHE_HOME: join(folder, 'cache'),
  };
}
