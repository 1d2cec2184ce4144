import { groupBy } from '../lib/collections.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import type { Live } from '../lib/values/live.ts';
import { isRotation, type CodeChange } from '../plan/model/code.ts';
import { olderCode } from '../plan/explain/older-code.ts';
import { REASONS } from '../plan/model/reasons.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { Condition } from '../plan/model/health.ts';
import { isScheduled } from '../plan/slots/schedule.ts';
import { showCondition, withdrawCondition, type Showing } from './show-condition.ts';
import { isDeclared, type Trigger, type TriggerInstance, type TriggerView } from './trigger.ts';

/** What is known about the code on disk. */
export interface CodeSource {
  /** Reads the code of these apps again. */
  refresh(apps: readonly DesiredApp[]): Promise<void>;
  /** Calls `listener` after every reading, whoever asked for it. */
  onRefresh(listener: () => void): () => void;
  /** How the code, as last read, differs from what these processes run. */
  changeOf(app: DesiredApp, instances: readonly TriggerInstance[]): CodeChange | undefined;
  /** The same of code that the file has not compared. */
  asideOf(app: DesiredApp, instances: readonly TriggerInstance[]): CodeChange | undefined;
  /** Secrets that the next start would fail for, each with the way out. */
  secretProblemsOf(app: DesiredApp): readonly string[];
  /** Which secrets that a reload reads again were rotated since these processes read them. */
  rotationsToRead(app: DesiredApp, instances: readonly TriggerInstance[]): readonly string[];
  /** What the last reading could not find out. */
  limitOf(app: DesiredApp): { readonly unknown: boolean; readonly message: string } | undefined;
}

export interface CodeTriggerOptions extends Showing {
  readonly clock: Clock;
  /** 0 <= random() < 1. */
  readonly random: () => number;
  readonly code: CodeSource;
  readonly intervals: {
    /** From one look to the next, in milliseconds. */
    readonly code: Live<number>;
  };
}

const FIRST_LOOK_MS = 1_000;
const JITTER = 0.1;

/** Shows which apps run older code than lies on disk. It never asks for a restart: apply and reload do. */
export function codeTrigger(options: CodeTriggerOptions): Trigger {
  const { clock, random, code, intervals } = options;
  let view: TriggerView = { apps: [], instances: [] };
  let shown: ReadonlySet<AppKey> = new Set();
  let closed = false;
  let isLooking = false;
  let cancel: Cancel = clock.after(FIRST_LOOK_MS, look);
  const arm = (): void => {
    cancel();
    cancel = clock.after(intervals.code.now * (1 + JITTER * (2 * random() - 1)), look);
  };
  const compare = (): void => {
    const running = runningByApp(view.instances);
    const conditions = new Map<AppKey, Condition>();
    for (const app of view.apps) {
      const condition = conditionOf(app, running.get(app.key) ?? [], code);
      if (condition !== null) conditions.set(app.key, condition);
    }
    for (const key of new Set([...shown, ...conditions.keys()])) {
      const condition = conditions.get(key);
      if (condition === undefined) withdrawCondition(options, key, 'Code');
      else showCondition(options, key, condition, condition.status === 'Unknown' ? 'warning' : 'info');
    }
    shown = new Set(conditions.keys());
  };
  // Others have code read too: what a plan has found is shown at once.
  const forget = code.onRefresh(compare);
  function look(): void {
    const running = runningByApp(view.instances);
    const hasSecrets = ({ spec }: DesiredApp): boolean => Object.keys(spec.env_from).length > 0;
    const apps = view.apps.filter(
      (app) => (running.has(app.key) && !isScheduled(app.spec)) || hasSecrets(app),
    );
    // A reading never fails: what it cannot read becomes a limit.
    isLooking = true;
    void code.refresh(apps).then(() => {
      isLooking = false;
      if (!closed) arm();
    });
  }
  const unfollow = intervals.code.onChange(() => {
    if (!isLooking) arm();
  });
  return {
    sync(next) {
      view = next;
      compare();
    },
    close() {
      closed = true;
      unfollow();
      forget();
      cancel();
    },
  };
}

function runningByApp(
  instances: readonly TriggerInstance[],
): ReadonlyMap<AppKey, readonly TriggerInstance[]> {
  const running = instances.filter(({ state }) => state === 'running' || state === 'starting');
  return groupBy(running, ({ key }) => key);
}

/** What is about to be replaced anyhow is not news. */
function conditionOf(
  app: DesiredApp,
  running: readonly TriggerInstance[],
  code: CodeSource,
): Condition | null {
  const { key, spec } = app;
  const instances = running.filter((instance) => isDeclared(instance, app));
  if (instances.length === 0 || isScheduled(spec)) return null;
  const change = code.changeOf(app, instances);
  // Secrets have a condition of their own.
  if (change !== undefined && !isRotation(change)) {
    const message = `${REASONS.CodeNewer}: ${olderCode({ ...change, rotated: {} }, { key, spec, compared: true })}`;
    return { type: 'Code', status: 'False', reason: 'CodeNewer', message };
  }
  const aside = code.asideOf(app, instances);
  if (aside !== undefined) {
    const message = `${REASONS.CodeNotCompared}: ${olderCode(aside, { key, spec, compared: false })}`;
    return { type: 'Code', status: 'True', reason: 'CodeNotCompared', message };
  }
  const limit = code.limitOf(app);
  if (limit === undefined) return null;
  if (limit.unknown) {
    const message = `${REASONS.CodeUnreadable}: ${limit.message}`;
    return { type: 'Code', status: 'Unknown', reason: 'CodeUnreadable', message };
  }
  return { type: 'Code', status: 'True', reason: 'CodePartly', message: limit.message };
}
