import { join } from 'node:path';
import { MAIN, openCgroupTree, type CgroupHost, type CgroupTree, type Controller } from './cgroup-tree.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { ProcessLimits } from '../protocol/orders.ts';
import type { InstanceLimits } from '../protocol/reports.ts';
import { errorCode, errorMessage } from '../../lib/system-error.ts';

/** What became of the limits of one instance. */
export interface LimitsOutcome extends InstanceLimits {
  /** Absolute path of its cgroup; null: it has none. */
  readonly cgroup: string | null;
  /** With `unavailable`: they were set, and somebody has changed them since; the settings, as in `message`. Absent: not so. */
  readonly wanted?: string;
}

export interface CgroupsOptions {
  readonly host: CgroupHost;
  readonly clock: Clock;
  readonly log: (message: string) => void;
}

/** A cgroup is busy until the last process in it has been reaped; then it is left to the next runner. */
const REMOVE_ATTEMPTS = 10;
const FIRST_RETRY_MS = 20;
const REFUSED_MS = 10_000;

/** Files of a cgroup and what each limit writes there. */
type Setting = readonly [controller: Controller, file: string, value: string];

const CPU_PERIOD_US = 100_000;
/** The kernel takes no less. */
const MIN_QUOTA_US = 1_000;

/** The cgroups of instances that have limits. */
export class Cgroups {
  readonly #options: CgroupsOptions;
  #tree: CgroupTree | undefined;
  #refusal: { readonly error: unknown; readonly until: number } | undefined;
  /** The runner could not get out of the cgroup of an instance: it enters none any more. */
  #stuck: string | undefined;

  constructor(options: CgroupsOptions) {
    this.#options = options;
  }

  /**
   * Calls `start`, which starts one process before it returns, so that the process begins in a cgroup of its own with
   * these limits; where that cannot be, starts it without. Throws only what `start` throws.
   *
   * A process begins where its parent is, so for that moment the runner is in the new cgroup. The limits come after it
   * has left, before anything else gets its turn: they never hold for the runner. (A launcher in between would need a
   * shell, which does not hand on every environment, and would tell of a missing program too late.)
   */
  start<T>(
    { nonce, limits }: { readonly nonce: string; readonly limits: ProcessLimits },
    start: () => T,
  ): { readonly started: T; readonly outcome: LimitsOutcome } {
    const settings = settingsOf(limits);
    let folder: string;
    try {
      folder = this.#enter(nonce, settings);
    } catch (error) {
      return { started: start(), outcome: unavailable(errorMessage(error), null) };
    }
    let started: T;
    try {
      started = start();
    } catch (error) {
      if (this.#leave(folder)) this.remove(folder);
      throw error;
    }
    const outcome = this.#leave(folder) ? this.#limit(folder, settings) : unavailable(this.#stuck, null);
    return { started, outcome };
  }

  /**
   * Writes limits again that somebody has changed since they were set. `outcome`: what became of them, the same object when
   * nothing has changed. `restored`: for people; null: nothing was.
   */
  restore(limits: LimitsOutcome): { readonly outcome: LimitsOutcome; readonly restored: string | null } {
    const { cgroup } = limits;
    const wanted = limits.state === 'set' ? limits.message : limits.wanted;
    if (cgroup === null || wanted === undefined) return { outcome: limits, restored: null };
    const restored: string[] = [];
    const refused: string[] = [];
    for (const [file, value] of writtenSettings(wanted)) {
      const found = this.#read(join(cgroup, file));
      if (found === null || isSameLimit(found, value)) continue;
      this.#try(join(cgroup, file), value);
      const now = this.#read(join(cgroup, file));
      if (now !== null && isSameLimit(now, value))
        restored.push(`${file} was ${found}, and is ${value} again`);
      else refused.push(`${file} is ${found} and not ${value}, and cannot be written`);
    }
    const told = restored.length === 0 ? null : restored.join('; ');
    if (refused.length > 0) {
      const message = refused.join('; ');
      const isKnown = limits.state === 'unavailable' && limits.message === message;
      return {
        outcome: isKnown ? limits : { state: 'unavailable', message, cgroup, wanted },
        restored: told,
      };
    }
    const outcome: LimitsOutcome =
      limits.state === 'set' ? limits : { state: 'set', message: wanted, cgroup };
    return { outcome, restored: told };
  }

  #read(path: string): string | null {
    try {
      return this.#options.host.files.read(path).trim();
    } catch {
      return null;
    }
  }

  /** SIGKILL to everything in the cgroup, whatever group and environment it has given itself. */
  kill(folder: string): void {
    // Not there before Linux 5.14: what is found by group and nonce is killed all the same.
    this.#try(join(folder, 'cgroup.kill'), '1');
  }

  /** Removes the cgroup of an instance that has ended, as soon as nothing is left in it. */
  remove(folder: string, attempt = 1): void {
    const { host, clock } = this.#options;
    try {
      host.files.removeFolder(folder);
    } catch (error) {
      if (errorCode(error) === 'ENOENT' || attempt === REMOVE_ATTEMPTS) return;
      clock.after(FIRST_RETRY_MS * 2 ** attempt, () => this.remove(folder, attempt + 1));
    }
  }

  #enter(nonce: string, settings: readonly Setting[]): string {
    if (this.#stuck !== undefined) throw new Error(this.#stuck);
    const { host } = this.#options;
    const tree = this.#open();
    const missing = settings.map(([name]) => name).filter((name) => !tree.controllers.includes(name));
    if (missing.length > 0) {
      throw new Error(`the cgroup of the daemon has no controller of ${missing.join(', ')}`);
    }
    const folder = join(tree.folder, nonce);
    host.files.makeFolder(folder);
    try {
      host.files.write(join(folder, 'cgroup.procs'), String(host.pid));
    } catch (error) {
      this.remove(folder);
      throw error;
    }
    return folder;
  }

  /** A refusal holds for a while: it costs a look at every process in the cgroup, and a hundred apps may start. */
  #open(): CgroupTree {
    const { host, clock } = this.#options;
    if (this.#tree !== undefined) return this.#tree;
    if (this.#refusal !== undefined && clock.monotonic() < this.#refusal.until) throw this.#refusal.error;
    try {
      this.#tree = openCgroupTree(host);
      return this.#tree;
    } catch (error) {
      this.#refusal = { error, until: clock.monotonic() + REFUSED_MS };
      throw error;
    }
  }

  /** False: the runner is still in there, so nothing may be limited or killed there. */
  #leave(folder: string): boolean {
    const { host, log } = this.#options;
    try {
      host.files.write(join(folder, '..', MAIN, 'cgroup.procs'), String(host.pid));
      return true;
    } catch (error) {
      this.#stuck = `the runner cannot leave the cgroup ${folder}: ${errorMessage(error)}`;
      log(this.#stuck);
      return false;
    }
  }

  #limit(folder: string, settings: readonly Setting[]): LimitsOutcome {
    const { files } = this.#options.host;
    const done: Setting[] = [];
    try {
      for (const setting of settings) {
        files.write(join(folder, setting[1]), setting[2]);
        done.push(setting);
      }
    } catch (error) {
      // All or nothing: what is said of the instance has to be true of all its limits.
      for (const [, file] of done) this.#try(join(folder, file), 'max');
      return unavailable(errorMessage(error), folder);
    }
    // Above the memory limit the instance ends as a whole, so that its exit is seen. Not there without the memory
    // controller and before Linux 4.19: then the kernel picks one process.
    this.#try(join(folder, 'memory.oom.group'), '1');
    const message = settings.map(([, file, value]) => `${file} ${value}`).join(', ');
    return { state: 'set', message, cgroup: folder };
  }

  #try(path: string, text: string): void {
    try {
      this.#options.host.files.write(path, text);
    } catch {
      // Better with it than without, and no more.
    }
  }
}

/** `memory.max 1000, cpu.max 50000 100000`, as it is said of them. */
function writtenSettings(message: string): readonly (readonly [file: string, value: string])[] {
  return message.split(', ').flatMap((text): readonly (readonly [string, string])[] => {
    const blank = text.indexOf(' ');
    return blank === -1 ? [] : [[text.slice(0, blank), text.slice(blank + 1)]];
  });
}

/** The kernel counts memory in pages, and rounds down to them; they are 64 KiB at most where Node runs. */
const LARGEST_PAGE = 64 * 1024;

function isSameLimit(found: string, wanted: string): boolean {
  const [one, other] = [Number(found), Number(wanted)];
  return found === wanted || (other > LARGEST_PAGE && other >= one && other - one < LARGEST_PAGE);
}

function unavailable(message: string | undefined, cgroup: string | null): LimitsOutcome {
  return { state: 'unavailable', message: message ?? 'no cgroup can be used', cgroup };
}

function settingsOf({ memoryBytes, cpus, pids }: ProcessLimits): readonly Setting[] {
  const quota = (processors: number): number =>
    Math.max(MIN_QUOTA_US, Math.round(processors * CPU_PERIOD_US));
  return [
    ...(memoryBytes === null ? [] : [['memory', 'memory.max', String(Math.floor(memoryBytes))] as const]),
    ...(cpus === null ? [] : [['cpu', 'cpu.max', `${quota(cpus)} ${CPU_PERIOD_US}`] as const]),
    ...(pids === null ? [] : [['pids', 'pids.max', String(pids)] as const]),
  ];
}
