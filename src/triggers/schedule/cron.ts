import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import { runMode } from '../../plan/slots/effective.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { Store } from '../../state/store.ts';
import { loadTimetables, type ReadTimetable, type Timetable } from './timetable.ts';
import { slotOfNextRun } from './runs.ts';
import type { Trigger, TriggerOutlet, TriggerView } from '../trigger.ts';

export interface CronOptions {
  readonly clock: Clock;
  readonly outlet: TriggerOutlet;
  readonly store: Pick<Store, 'history' | 'recordCronTick' | 'appendEvent'>;
  /** Absent: cron-parser. */
  readonly load?: () => Promise<ReadTimetable>;
  readonly log: (line: string) => void;
}

/** Longest sleep: a clock that was set, or a machine that slept, is noticed within this time. */
const MAX_SLEEP_MS = 60_000;
/** A time that is acted on later than this was missed. */
const LATE_MS = 90_000;
/** A clock that is set back further than this was wrong before: what it had settled does not count. */
const SET_BACK_MS = 3 * 60 * 60_000;

/** What is known of one app with a schedule. */
interface Entry {
  readonly signature: string;
  readonly timetable: Timetable;
  /** Times up to here have been dealt with. */
  settled: number;
  next: number | null;
  active: boolean;
}

/**
 * Reports times of `cron_restart` and `schedule` as they come due, each once.
 *
 *   waits ──time comes──▶ due ──▶ reported with its time, which the fact makes durable ──▶ waits for the next
 *                          └────▶ left out: stopped, missed without cron_catch_up, or a run still goes on
 *
 * The time is written in the very fact that asks for the restart: a crash loses both or neither. Of several times
 * that were missed the last one alone is reported.
 */
export class CronTrigger implements Trigger {
  readonly #options: CronOptions;
  readonly #entries = new Map<AppKey, Entry>();
  readonly #startedAt: number;
  #view: TriggerView = { apps: [], instances: [] };
  #read: ReadTimetable | undefined;
  #loading = false;
  #closed = false;
  #cancel: Cancel | undefined;

  constructor(options: CronOptions) {
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  sync(view: TriggerView): void {
    this.#view = view;
    if (this.#read !== undefined) this.#look(this.#read);
    else if (view.apps.some((app) => expressionOf(app) !== null)) this.#load();
  }

  /** When the app's next time is, epoch milliseconds; null: it has none, or it is stopped. */
  nextRun(key: AppKey): number | null {
    const entry = this.#entries.get(key);
    return entry?.active === true ? entry.next : null;
  }

  close(): void {
    this.#closed = true;
    this.#cancel?.();
  }

  #load(): void {
    if (this.#loading) return;
    this.#loading = true;
    const { load = loadTimetables, log } = this.#options;
    load().then(
      (read) => {
        this.#read = read;
        if (!this.#closed) this.#look(read);
      },
      (error: unknown) => log(`cron: ${String(error)}`),
    );
  }

  #look(read: ReadTimetable): void {
    const seen = new Set<AppKey>();
    for (const app of this.#view.apps) {
      const expression = expressionOf(app);
      if (expression === null) continue;
      seen.add(app.key);
      const entry = this.#entryOf(app, expression, read);
      if (entry !== undefined) this.#check(app, entry);
    }
    for (const key of this.#entries.keys()) if (!seen.has(key)) this.#entries.delete(key);
    this.#arm(read);
  }

  /** undefined: the expression cannot be read; validation refuses such a one. */
  #entryOf(app: DesiredApp, expression: string, read: ReadTimetable): Entry | undefined {
    const { key, spec } = app;
    const now = this.#options.clock.now();
    const timezone = spec.cron_timezone ?? null;
    const signature = JSON.stringify([expression, timezone]);
    const active = this.#isActive(app);
    const known = this.#entries.get(key);
    if (known?.signature === signature) {
      if (active && !known.active) this.#settle(app, known, now);
      if (known.settled > now + SET_BACK_MS) this.#settle(app, known, now);
      known.active = active;
      return known;
    }
    try {
      const timetable = read({ expression, timezone, seed: key });
      const settled = known === undefined && active ? this.#settledOnDisk(app) : now;
      const entry: Entry = { signature, timetable, settled, next: timetable.next(settled), active };
      this.#entries.set(key, entry);
      if (settled === now) this.#options.store.recordCronTick(key, now);
      return entry;
    } catch (error) {
      this.#entries.delete(key);
      this.#options.log(`${key}: cannot read the schedule ${expression}: ${String(error)}`);
      return undefined;
    }
  }

  /** An app that is met for the first time begins now. */
  #settledOnDisk({ key, settledTick }: DesiredApp): number {
    const now = this.#options.clock.now();
    const known = [settledTick, this.#options.store.history(key).lastCronTick].filter(
      (at): at is number => at !== undefined && at <= now + SET_BACK_MS,
    );
    return known.length === 0 ? now : Math.max(...known);
  }

  #settle({ key }: DesiredApp, entry: Entry, at: number): void {
    entry.settled = at;
    entry.next = entry.timetable.next(at);
    this.#options.store.recordCronTick(key, at);
  }

  /** Stopped apps stay stopped; one that is not started by itself has a cron_restart only while it goes on. */
  #isActive({ key, spec, override }: DesiredApp): boolean {
    const mode = runMode(spec, override);
    if (mode !== 'idle') return mode === 'running';
    return !isScheduled(spec) && this.#view.instances.some((it) => it.key === key && it.state !== 'exited');
  }

  #check(app: DesiredApp, entry: Entry): void {
    const now = this.#options.clock.now();
    if (entry.next === null || entry.next > now) return;
    const tick = Math.max(entry.next, entry.timetable.latest(now) ?? 0);
    entry.settled = tick;
    entry.next = entry.timetable.next(tick);
    if (!entry.active) {
      this.#options.store.recordCronTick(app.key, tick);
      return;
    }
    const missed = tick < this.#startedAt || now - tick > LATE_MS;
    if (missed && !app.spec.cron_catch_up) {
      this.#skip(app, tick, 'was missed, and cron_catch_up is off');
      return;
    }
    this.#report(app, tick, missed);
  }

  #report(app: DesiredApp, tick: number, missed: boolean): void {
    const { key, spec } = app;
    const detail = `${cameDue(app, tick)}${missed ? ', and is made up for now' : ''}`;
    if (!isScheduled(spec)) {
      this.#options.outlet.requestRestart({ key, slot: null, reason: 'CronRestart', detail, tick });
      return;
    }
    const run = slotOfNextRun(app, this.#view.instances, this.#options.store.history(key).slots);
    if ('skipped' in run) this.#skip(app, tick, run.skipped);
    else
      this.#options.outlet.requestRestart({
        ...{ key, slot: run.slot, reason: 'ScheduledRun', detail, tick, run: true },
      });
  }

  #skip(app: DesiredApp, tick: number, why: string): void {
    const { key, generation } = app;
    const { store, clock } = this.#options;
    store.recordCronTick(key, tick);
    store.appendEvent({
      at: clock.now(),
      level: 'warning',
      reason: 'RunSkipped',
      message: `${cameDue(app, tick)}, which ${why}`,
      key,
      slot: null,
      pid: null,
      generation,
    });
  }

  #arm(read: ReadTimetable): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#entries.size === 0) return;
    const now = this.#options.clock.now();
    let delayMs = MAX_SLEEP_MS;
    for (const { next } of this.#entries.values()) {
      if (next !== null) delayMs = Math.min(delayMs, next - now);
    }
    this.#cancel = this.#options.clock.after(Math.max(1, delayMs), () => this.#look(read));
  }
}

/** Reports the times of `cron_restart` and `schedule`. */
export function cronTrigger(options: CronOptions): CronTrigger {
  return new CronTrigger(options);
}

/** The cron expression of an app; null: none. */
export function expressionOf({ spec }: Pick<DesiredApp, 'spec'>): string | null {
  return spec.schedule ?? spec.cron_restart;
}

function cameDue(app: DesiredApp, tick: number): string {
  const field = isScheduled(app.spec) ? 'schedule' : 'cron_restart';
  return `${field} ${JSON.stringify(expressionOf(app))} came due at ${new Date(tick).toISOString()}`;
}
