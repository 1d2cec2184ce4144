import type { Cgroups } from '../cgroup/cgroup.ts';
import { appOf, processOf, type Instance } from '../instances/instance.ts';
import type { RunnerEvent } from '../protocol/messages.ts';
import type { Unmet } from './outcome.ts';
import { seenOf } from './own.ts';
import { drifted } from './seen.ts';
import { settingsOf, type Setting } from './settings.ts';
import type { Tuner } from './tuner.ts';

export interface KeptLimitsContext {
  readonly instances: () => Iterable<Instance>;
  readonly tuner: Pick<Tuner, 'giveAgain' | 'found'>;
  readonly cgroups: Pick<Cgroups, 'restore'>;
  readonly publish: (event: RunnerEvent) => void;
  readonly publishInstance: (instance: Instance) => void;
}

/** Something that takes it away as often as that means it. */
const MOST_TIMES = 3;

/**
 * Gives processes again what somebody has taken from them: nice, rlimits, processors, limits of their cgroup. What cannot be
 * given, or is taken again and again, is said to be not in force until it is.
 */
export class KeptLimits {
  readonly #context: KeptLimitsContext;
  /** How often each setting was given again. */
  readonly #times = new WeakMap<Instance, Map<string, number>>();

  constructor(context: KeptLimitsContext) {
    this.#context = context;
  }

  async check(): Promise<void> {
    for (const instance of [...this.#context.instances()]) {
      if (instance.phase.state !== 'running') continue;
      this.#checkCgroup(instance);
      await this.#checkTuning(instance);
    }
  }

  async #checkTuning(instance: Instance): Promise<void> {
    const pid = processOf(instance)?.identity.pid;
    const { tuning } = instance;
    if (pid === undefined || tuning?.unmet == null) return;
    const text = seenOf(pid);
    // It has ended meanwhile, or there is no /proc.
    if (text === '') return;
    const unmet = new Map<string, Unmet>(tuning.unmet.map((one) => [one.key, one]));
    for (const setting of settingsOf(tuning.asked)) {
      const { key, value } = setting;
      const instead = drifted(setting, text);
      if (instead === null) {
        // What cannot be seen is as it was said to be.
        if (isSeen(setting)) unmet.delete(key);
      } else if (!unmet.has(key)) {
        const why = await this.#giveAgain(instance, setting, instead);
        if (why === null) this.#tell(instance, `${key} was ${instead}, and is ${value} again`);
        else unmet.set(key, { key, message: `${key} is ${instead} and not ${value}: ${why}` });
      }
    }
    if (instance.tuning !== tuning || unmet.size === tuning.unmet.length) return;
    this.#context.tuner.found(instance, [...unmet.values()]);
  }

  async #giveAgain(instance: Instance, setting: Setting, instead: string): Promise<string | null> {
    const times = this.#times.get(instance) ?? new Map<string, number>();
    const before = times.get(setting.key) ?? 0;
    this.#times.set(instance, times.set(setting.key, before + 1));
    if (before < MOST_TIMES) return this.#context.tuner.giveAgain(instance, setting, instead);
    const way = `declare what it is to have, or stateward restart ${appOf(instance)}`;
    return `it was given that ${MOST_TIMES} times, and something changes it again; ${way}`;
  }

  #checkCgroup(instance: Instance): void {
    const { limits } = instance;
    if (limits?.cgroup == null) return;
    const { outcome, restored } = this.#context.cgroups.restore(limits);
    if (restored !== null) this.#tell(instance, restored);
    if (outcome === limits) return;
    instance.limits = outcome;
    this.#context.publishInstance(instance);
  }

  #tell({ nonce }: Instance, message: string): void {
    this.#context.publish({ event: 'notice', nonce, code: 'limits-restored', message });
  }
}

/** Of the class of I/O nothing is seen. */
function isSeen({ key }: Setting): boolean {
  return key !== 'ionice';
}
