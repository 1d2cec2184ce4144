import { closeSync, lchownSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import { openUserFolder } from '../handover/user-folders.ts';
import { processOf, upMs, type Instance } from '../instances/instance.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import { NotifyHelper } from './notify-helper.ts';
import { nameOf, type NotifyPlace } from './notify-place.ts';
import { saidWith } from './said.ts';
import { readNotify, type NotifyMessage } from './notify-message.ts';

export interface NotifyContext {
  readonly clock: Clock;
  readonly log: (message: string) => void;
  readonly instances: () => Iterable<Instance>;
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  readonly publishInstance: (instance: Instance) => void;
}

/** A status that changes all the time is told so often. */
const TOLD_MS = 1_000;
const UNHEARD = 'notify-unheard';
const RESUME_MS = 5_000;
/** What is no news of every second. */
const AT_ONCE = ['state', 'silent', 'mainPid', 'waitUntilMs'] as const;
/** As the file may say it; and no timer is longer. */
const LEAST_WATCHDOG_MS = 100;
const LONGEST_WATCHDOG_MS = 2 ** 31 - 1;

interface Heard {
  readonly instance: Instance;
  cancel: Cancel;
  /** On the monotonic clock. */
  aliveAt: number;
  toldAt: number;
  willTell: boolean;
}

/** Hears what instances say by sd_notify(3): that they are ready, that they are alive, how they are. */
export class NotifyListener {
  readonly #context: NotifyContext;
  readonly #helper: NotifyHelper;
  readonly #heard = new Map<string, Heard>();

  constructor(context: NotifyContext) {
    this.#context = context;
    const { clock, log } = context;
    this.#helper = new NotifyHelper({
      clock,
      onTrouble: (message) => {
        for (const { instance } of this.#heard.values()) this.#report(instance, message);
      },
      onMessage: (id, bytes) => this.#onMessage(id, readNotify(bytes)),
      onDropped: (id) => {
        const nonce = this.#heard.get(id)?.instance.nonce ?? id;
        log(`${nonce}: messages to NOTIFY_SOCKET are too long or come too fast: some were dropped`);
      },
    });
  }

  /** Listens for an instance from now on. Rejects with an Error that says, for a person, why it cannot. */
  async listen(instance: Instance, place: NotifyPlace): Promise<void> {
    const id = nameOf(instance.nonce);
    instance.notify = { place, said: instance.notify?.said ?? {} };
    const { clock } = this.#context;
    const now = clock.monotonic();
    this.#heard.set(id, {
      instance,
      cancel: () => undefined,
      aliveAt: now,
      toldAt: -Infinity,
      willTell: false,
    });
    if (place.uid === null) mkdirSync(dirname(place.path), { recursive: true, mode: 0o700 });
    else closeSync(openUserFolder(dirname(dirname(place.path)), place.uid));
    await this.#helper.bind(id, place.path, (failure) => {
      if (failure === null && place.uid !== null) lchownSync(place.path, place.uid, -1);
      this.#report(instance, failure === null ? null : `cannot listen at ${place.path}: ${failure}`);
    });
    if (instance.ready) this.#watch(id);
  }

  /** Listens again for what an earlier runner has started; what was said meanwhile is lost. */
  resume(): void {
    for (const instance of this.#context.instances()) {
      this.#resume(instance);
    }
  }

  /** Until it succeeds: what is missing on the host may be installed at any time. */
  #resume(instance: Instance): void {
    const place = instance.notify?.place;
    if (place === undefined || instance.phase.state !== 'running') return;
    this.listen(instance, place).catch((error: unknown) => {
      this.#report(instance, errorMessage(error));
      this.#context.clock.after(RESUME_MS, () => this.#resume(instance));
    });
  }

  /** Its line goes out when that is news. */
  #report(instance: Instance, message: string | null): void {
    if ((instance.problems.get(UNHEARD) ?? null) === message) return;
    if (message === null) instance.problems.delete(UNHEARD);
    else instance.problems.set(UNHEARD, message);
    if (instance.phase.state === 'running') this.#context.publishInstance(instance);
  }

  ended({ nonce }: Instance): void {
    const id = nameOf(nonce);
    this.#heard.get(id)?.cancel();
    this.#heard.delete(id);
    this.#helper.drop(id);
  }

  #onMessage(id: string, message: NotifyMessage): void {
    const heard = this.#heard.get(id);
    const notify = heard?.instance.notify ?? null;
    if (heard === undefined || notify === null) return;
    const { instance } = heard;
    const { clock } = this.#context;
    const before = notify.said;
    const pid = processOf(instance)?.identity.pid ?? null;
    const said = saidWith(before, message, { pid, upMs: upMs(instance, clock) });
    instance.notify = { ...notify, said };
    heard.aliveAt = clock.monotonic();
    if (message.watchdogMs !== undefined) this.#changeWatchdog(id, message.watchdogMs);
    const isNews = message.ready === true && !instance.ready;
    if (isNews) {
      instance.ready = true;
      void this.#context.record({ kind: 'ready', nonce: instance.nonce }, false);
      this.#watch(id);
    }
    if (isNews || AT_ONCE.some((name) => said[name] !== before[name])) this.#tell(heard);
    else if (said.status !== before.status) this.#tellSoon(heard);
  }

  /** Only of one that is watched: nobody would restart another. */
  #changeWatchdog(id: string, watchdogMs: number): void {
    const { instance } = this.#heard.get(id) ?? {};
    const { notify = null } = instance ?? {};
    if (instance === undefined || notify === null || notify.place.watchdogMs === null) return;
    if (watchdogMs < LEAST_WATCHDOG_MS || watchdogMs > LONGEST_WATCHDOG_MS) return;
    instance.notify = { ...notify, place: { ...notify.place, watchdogMs } };
    void this.#context.record(
      { kind: 'notify', nonce: instance.nonce, notify: instance.notify.place },
      false,
    );
    if (instance.ready) this.#watch(id);
  }

  #tell(heard: Heard): void {
    heard.toldAt = this.#context.clock.monotonic();
    this.#context.publishInstance(heard.instance);
  }

  #tellSoon(heard: Heard): void {
    if (heard.willTell) return;
    const { clock } = this.#context;
    const waitMs = heard.toldAt + TOLD_MS - clock.monotonic();
    if (waitMs <= 0) {
      this.#tell(heard);
      return;
    }
    heard.willTell = true;
    clock.after(waitMs, () => {
      heard.willTell = false;
      if (heard.instance.phase.state !== 'exited') this.#tell(heard);
    });
  }

  /** Its signs of life count from now on. */
  #watch(id: string): void {
    const heard = this.#heard.get(id);
    const limitMs = heard?.instance.notify?.place.watchdogMs ?? null;
    if (heard === undefined || limitMs === null) return;
    const { clock } = this.#context;
    heard.cancel();
    heard.aliveAt = clock.monotonic();
    const look = (dueAt: number): void => {
      const now = clock.monotonic();
      // This process was held up itself: a sign of life may be waiting to be read.
      if (now - dueAt > limitMs / 2) heard.aliveAt = Math.max(heard.aliveAt, now - limitMs / 2);
      const leftMs = heard.aliveAt + limitMs - now;
      if (leftMs > 0) {
        heard.cancel = clock.after(leftMs, () => look(now + leftMs));
        return;
      }
      const { notify } = heard.instance;
      if (notify === null || heard.instance.phase.state !== 'running') return;
      heard.instance.notify = { ...notify, said: { ...notify.said, silent: true } };
      this.#tell(heard);
    };
    const first = clock.monotonic() + limitMs;
    heard.cancel = clock.after(limitMs, () => look(first));
  }
}
