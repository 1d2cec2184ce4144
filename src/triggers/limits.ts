import { groupBy } from '../lib/collections.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { Condition } from '../plan/model/health.ts';
import { showCondition, withdrawCondition, type Showing } from './show-condition.ts';
import type { Trigger, TriggerInstance } from './trigger.ts';

const TYPE = 'Limited';
const REMEDY = 'run the daemon in a systemd unit of its own with Delegate=yes';
const OLD_RUNNER =
  'the runner that started it knows none yet; `stateward daemon stop --all`, then apply, ends it and starts a new one';
const OLD_RUNNER_TUNING =
  'the runner does not say whether nice, rlimits and the like are in force; `stateward daemon upgrade` renews it';

/** Shows whether the limits of apps hold, as a condition and an event. It never asks for a restart. */
export function limitsTrigger(options: Showing): Trigger {
  let shown: ReadonlySet<AppKey> = new Set();
  return {
    sync(view) {
      const running = view.instances.filter(({ state }) => state === 'running' || state === 'stopping');
      const unlike = new Set(running.filter(isUnlike).map(({ key }) => key));
      const limited = view.apps.filter((app) => isLimited(app) || unlike.has(app.key));
      if (limited.length === 0 && shown.size === 0) return;
      const instances = groupBy(running, ({ key }) => key);
      for (const app of limited) {
        const condition = conditionOf(app, instances.get(app.key) ?? []);
        if (condition === null) withdrawCondition(options, app.key, TYPE);
        else if (condition !== undefined) {
          showCondition(options, app.key, condition, condition.status === 'True' ? 'info' : 'warning');
        }
      }
      const keys = new Set(limited.map(({ key }) => key));
      for (const key of shown) if (!keys.has(key)) withdrawCondition(options, key, TYPE);
      shown = keys;
    },
    close: () => undefined,
  };
}

/** It has what is not declared any more, and could not be taken from it. */
function isUnlike({ tuning }: TriggerInstance): boolean {
  return tuning?.state === 'partly';
}

function isLimited({ spec }: DesiredApp): boolean {
  return spec.limits !== null || isTuned(spec);
}

/** Whether its processes are to have something of the host beside the limits of a cgroup. */
export function isTuned({ nice, ionice, oom_score_adj, rlimits, cpu_affinity }: DesiredApp['spec']): boolean {
  return [nice, ionice, oom_score_adj, rlimits, cpu_affinity].some((setting) => setting !== null);
}

/** What is in force, what is not, or that nobody can tell at the moment. */
interface Finding {
  readonly state: 'set' | 'lost' | 'unknown';
  readonly message: string;
}

/** null: nothing to show; undefined: what is shown still holds, as between two processes. */
function conditionOf(app: DesiredApp, instances: readonly TriggerInstance[]): Condition | null | undefined {
  if (app.override?.run === 'stopped') return null;
  const findings = [...cgroupFindings(app, instances), ...tuningFindings(app, instances)];
  const told = (state: Finding['state']): string =>
    [...new Set(findings.filter((finding) => finding.state === state).map(({ message }) => message))].join(
      '; ',
    );
  const lost = told('lost');
  if (lost !== '') return { type: TYPE, status: 'False', reason: 'LimitsUnavailable', message: lost };
  if (findings.length === 0 || findings.some(({ state }) => state === 'unknown')) return undefined;
  return { type: TYPE, status: 'True', reason: 'LimitsSet', message: told('set') };
}

/** A process that was started before the limits were declared does not count. */
function cgroupFindings(app: DesiredApp, instances: readonly TriggerInstance[]): readonly Finding[] {
  if (app.spec.limits === null) return [];
  const current = instances.filter(
    ({ templateHash = app.templateHash }) => templateHash === app.templateHash,
  );
  const unlimited = current.find(({ limits }) => limits?.state !== 'set');
  if (unlimited !== undefined) {
    const { limits } = unlimited;
    const why = limits === undefined ? OLD_RUNNER : `${limits.message}; ${REMEDY}`;
    return [{ state: 'lost', message: `runs without limits: ${why}` }];
  }
  const [first] = current;
  if (first?.limits === undefined) return [{ state: 'unknown', message: '' }];
  return [{ state: 'set', message: first.limits.message }];
}

function tuningFindings(app: DesiredApp, instances: readonly TriggerInstance[]): readonly Finding[] {
  const isWanted = isTuned(app.spec);
  // A process of another generation has not heard yet what is declared.
  const current = isWanted
    ? instances.filter(({ generation = app.generation }) => generation === app.generation)
    : [];
  const lost = [...groupBy(instances.filter(isUnlike), ({ tuning }) => tuning?.message ?? '')];
  const findings: readonly Finding[] = [
    ...lost.map(([message, slots]) => ({ state: 'lost' as const, message: `${slotsOf(slots)}: ${message}` })),
    ...current.flatMap(({ tuning }) => findingOf(tuning)),
  ];
  return isWanted && findings.length === 0 ? [{ state: 'unknown', message: '' }] : findings;
}

function findingOf(tuning: TriggerInstance['tuning']): readonly Finding[] {
  switch (tuning?.state) {
    case undefined:
      return [{ state: 'lost', message: OLD_RUNNER_TUNING }];
    case 'partly':
      return [];
    case 'changing':
      return [{ state: 'unknown', message: '' }];
    case 'set':
      return [{ state: 'set', message: tuning.message }];
  }
}

function slotsOf(instances: readonly TriggerInstance[]): string {
  const slots = [...new Set(instances.map(({ slot }) => slot))].sort((a, b) => a - b);
  return `slot ${slots.join(', ')}`;
}
