import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { InstanceExit, ObservedHook, ObservedInstance } from '../../plan/model/observed.ts';
import { redactText } from '../../spec/secrets/redact.ts';
import type { InstanceNotify, RunnerExit, RunnerInstance } from '../../runner/protocol/reports.ts';

interface Entry {
  readonly instance: ObservedInstance;
  /** Monotonic time at which `instance.upMs` was true. */
  readonly seenAt: number;
}

/** What apps are called now that had other names when their processes were started. */
export interface AppNames {
  now(label: AppKey): AppKey;
  before(key: AppKey): readonly AppKey[];
}

const SAME_NAMES: AppNames = { now: (label) => label, before: () => [] };

/** The runner's process table as last reported, with uptimes that go on counting on a clock that does not jump. */
export class ProcessTable {
  readonly #clock: Clock;
  readonly #names: () => AppNames;
  readonly #apps = new Map<AppKey, Map<string, Entry>>();
  /** The last signal that a person has sent to a process. */
  readonly #signalled = new Map<string, string>();
  readonly #appOf = new Map<string, AppKey>();

  constructor(clock: Clock, names: () => AppNames = () => SAME_NAMES) {
    this.#clock = clock;
    this.#names = names;
  }

  instances(): readonly ObservedInstance[] {
    return this.#all().filter((instance) => !isHook(instance));
  }

  hooks(): readonly ObservedHook[] {
    return this.#all().filter(isHook);
  }

  hooksOf(key: AppKey): readonly ObservedHook[] {
    return this.#of(key).filter(isHook);
  }

  #all(): readonly ObservedInstance[] {
    return [...this.#apps.keys()].flatMap((key) => this.#labelled(key));
  }

  instancesOf(key: AppKey): readonly ObservedInstance[] {
    return this.#of(key).filter((instance) => !isHook(instance));
  }

  #of(key: AppKey): readonly ObservedInstance[] {
    const names = this.#names();
    const former = names.before(key).flatMap((old) => this.#labelled(old));
    return names.now(key) === key ? [...this.#labelled(key), ...former] : former;
  }

  instance(nonce: string): ObservedInstance | undefined {
    const key = this.#appOf.get(nonce);
    return key === undefined ? undefined : this.#labelled(key).find((one) => one.nonce === nonce);
  }

  /** What the runner has under this name, as what it is called now. */
  #labelled(label: AppKey): readonly ObservedInstance[] {
    const now = this.#clock.monotonic();
    const key = this.#names().now(label);
    return [...(this.#apps.get(label)?.values() ?? [])].map(({ instance, seenAt }) => {
      const named = key === label ? instance : { ...instance, key };
      return named.state === 'exited' ? named : aged(named, now - seenAt);
    });
  }

  replace(reported: readonly RunnerInstance[]): void {
    this.#apps.clear();
    this.#appOf.clear();
    for (const instance of reported) this.put(instance);
  }

  /**
   * Takes in one line. The answer to a spawn and the event of the same process's exit can arrive in either order, so
   * a process that has exited stays so; what is said of what it has left behind can still change.
   */
  put(reported: RunnerInstance): ObservedInstance {
    const instance = this.#withSender(toObserved(reported));
    if (this.#appOf.get(instance.nonce) !== instance.key) this.remove(instance.nonce);
    const entries = this.#apps.get(instance.key) ?? new Map<string, Entry>();
    const known = entries.get(instance.nonce)?.instance;
    if (known?.state === 'exited' && instance.state !== 'exited') return known;
    entries.set(instance.nonce, { instance, seenAt: this.#clock.monotonic() });
    this.#apps.set(instance.key, entries);
    this.#appOf.set(instance.nonce, instance.key);
    const key = this.#names().now(instance.key);
    return key === instance.key ? instance : { ...instance, key };
  }

  /** A signal is about to be sent to the process: if it ends by it, that is known not to come from elsewhere. */
  signalled(nonce: string, signal: string): void {
    this.#signalled.set(nonce, signal);
  }

  #withSender(instance: ObservedInstance | ObservedHook): ObservedInstance | ObservedHook {
    const { nonce, exit } = instance;
    const isSent = exit !== null && !exit.requested && exit.signal !== null;
    if (!isSent || this.#signalled.get(nonce) !== exit.signal) return instance;
    return { ...instance, exit: { ...exit, sent: true } };
  }

  remove(nonce: string): void {
    this.#signalled.delete(nonce);
    const key = this.#appOf.get(nonce);
    if (key === undefined) return;
    this.#appOf.delete(nonce);
    const entries = this.#apps.get(key);
    entries?.delete(nonce);
    if (entries?.size === 0) this.#apps.delete(key);
  }
}

/** Whether a process runs a hook of its app. */
export function isHook(instance: ObservedInstance): instance is ObservedHook {
  return 'hook' in instance;
}

function aged(instance: ObservedInstance, byMs: number): ObservedInstance {
  const { upMs, reload } = instance;
  const older = { ...instance, upMs: upMs + byMs };
  return reload === undefined ? older : { ...older, reload: { ...reload, forMs: reload.forMs + byMs } };
}

/** One line of the runner's table as the controller sees it. */
export function toObserved(reported: RunnerInstance): ObservedInstance | ObservedHook {
  const { hook } = reported.labels;
  const observed = instanceOf(reported);
  // The words of a newer version are shown as they are.
  return hook === undefined ? observed : { ...observed, hook: hook as ObservedHook['hook'] };
}

function instanceOf(reported: RunnerInstance): ObservedInstance {
  const { labels } = reported;
  return {
    nonce: reported.nonce,
    key: appKey(labels.project, labels.app),
    slot: labels.slot,
    state: reported.state,
    pid: reported.pid,
    generation: labels.generation,
    restartGeneration: labels.restartGeneration,
    revision: labels.revision,
    templateHash: labels.templateHash,
    ...(labels.code !== undefined && { code: labels.code }),
    ...(labels.ports !== undefined && { ports: labels.ports }),
    ...(labels.postStart === true && { postStart: true as const }),
    ...(labels.reloads !== undefined && { startReloads: labels.reloads }),
    ...(reported.reload !== undefined && { reload: reported.reload }),
    startedAt: reported.startedAt,
    upMs: reported.upMs,
    probedReady: null,
    ...(reported.ready !== undefined && { saidReady: reported.ready }),
    connected: reported.connected ?? false,
    ...(reported.limits !== undefined && { limits: reported.limits }),
    ...(reported.tuning !== undefined && { tuning: reported.tuning }),
    ...(reported.notify !== undefined && { notify: toSaid(reported.notify) }),
    ...(reported.listening !== undefined && { listening: reported.listening }),
    ...(reported.sockets !== undefined && { sockets: reported.sockets }),
    ...(reported.socketsLost !== undefined && { socketsLost: reported.socketsLost }),
    ...(reported.launching === true && { launching: true as const }),
    ...(reported.leftBehind !== undefined && { leftBehind: reported.leftBehind }),
    ...(reported.byMark === true && { foundByMark: true as const }),
    ...(reported.problems !== undefined && { problems: reported.problems }),
    exit: reported.exit === null ? null : toExit(reported.exit),
  };
}

function toSaid({ status, ...rest }: InstanceNotify): InstanceNotify {
  return { ...(status !== undefined && { status: redactText(status) }), ...rest };
}

function toExit({ killed, error, ...exit }: RunnerExit): InstanceExit {
  // It names the program, and with it what the file says of it.
  const shown = error === null ? null : redactText(error);
  return { ...exit, ...(killed && { killed }), error: shown };
}
