import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { unreachable } from '../../lib/unreachable.ts';
import type { Override } from '../../plan/model/types.ts';
import { saysUnfit } from '../../plan/slots/unfit.ts';
import type { AppSpec } from '../../spec/types.ts';
import { acceptSchedule } from './accepted-schedule.ts';
import { restartAccepted } from './restart-accepted.ts';
import { moveApps } from './moves.ts';
import { nextRestart } from './restart-counters.ts';
import { trackOutcomes } from './revision-outcomes.ts';
import {
  completeRollout,
  failRollout,
  pauseRollout,
  rolloutOfAccepted,
  rolloutOfCode,
  rolloutOfRestart,
} from './rollouts.ts';
import { sameValue } from '../../lib/same-value.ts';
import type { AppRecord, Fact, ProjectRecord } from '../model/types.ts';

/** The whole desired state: every project that was ever accepted, also those that have no app any more. */
export type Projects = ReadonlyMap<string, ProjectRecord>;

type Accepted = Extract<Fact, { kind: 'project-accepted' }>;

/**
 * The desired state after a fact. Pure and total: a fact about something that is not there changes nothing. What a
 * fact does not change is returned as the very same object, so that `===` tells whether there is anything to write.
 *
 * - A generation grows when what an app is to be changes; an app that comes back gets a number never used before.
 * - A revision grows when the declared specs of a project change, and not by overrides or restarts. A rollback changes
 *   them too.
 */
export function reduce(projects: Projects, fact: Fact): Projects {
  switch (fact.kind) {
    case 'project-accepted':
      return withProject(projects, acceptProject(projects.get(fact.spec.project), fact));
    case 'apps-moved':
      return moveApps(projects, fact);
    case 'apps-deleted':
      return deleteApps(projects, fact.keys);
    case 'override-set':
      return updateApp(projects, fact.key, (app) => setOverride(app, fact.override));
    case 'begun-afresh':
      return updateApp(projects, fact.key, beginAfresh);
    case 'restart-requested':
      return updateApp(projects, fact.key, (app) => requestRestart(app, fact));
    case 'code-changed':
      return updateApp(projects, fact.key, (app) => changeCode(app, fact));
    case 'rollout-completed':
      return updateApp(projects, fact.key, (app) => completeRollout(app, fact));
    case 'rollout-failed':
      return updateApp(projects, fact.key, (app) => failRollout(app, fact));
    case 'rollout-paused':
      return updateApp(projects, fact.key, (app) => pauseRollout(app, fact));
    case 'dependencies-seen':
      return updateApp(projects, fact.key, (app) => ({ ...app, dependencyMarks: fact.dependencyMarks }));
    default:
      return unreachable(fact);
  }
}

function acceptProject(before: ProjectRecord | undefined, fact: Accepted): ProjectRecord {
  const revision = (before?.revision ?? 0) + 1;
  const apps = acceptedApps(before, fact, revision);
  const specsChanged =
    before === undefined || !sameApps(before.apps, apps, (one, other) => one.spec === other.spec);
  const next: ProjectRecord = {
    project: fact.spec.project,
    source: fact.spec.source,
    revision: specsChanged ? revision : before.revision,
    lastGeneration: highestGeneration(before?.lastGeneration ?? 0, apps),
    apps: Object.fromEntries(apps),
    ...(before?.outcomes !== undefined && { outcomes: before.outcomes }),
  };
  const isSame =
    before !== undefined &&
    sameApps(before.apps, apps, (one, other) => one === other) &&
    sameValue(before.source, next.source);
  return isSame ? before : next;
}

function acceptedApps(
  before: ProjectRecord | undefined,
  fact: Accepted,
  revision: number,
): Map<string, AppRecord> {
  const isSelected = (name: string): boolean => fact.only?.includes(name) ?? true;
  const apps = new Map<string, AppRecord>();
  for (const spec of fact.spec.apps) {
    const known = appOf(before, spec.name);
    if (!isSelected(spec.name)) {
      if (known !== undefined) apps.set(spec.name, known);
      continue;
    }
    const templateHash = Object.hasOwn(fact.templateHashes, spec.name)
      ? (fact.templateHashes[spec.name] ?? '')
      : '';
    apps.set(
      spec.name,
      known === undefined
        ? newApp({ spec, templateHash, revision, at: fact.at, lastGeneration: before?.lastGeneration ?? 0 })
        : acceptKnown(known, { spec, templateHash, revision }, fact),
    );
  }
  for (const [name, app] of Object.entries(before?.apps ?? {})) {
    const leaves = fact.prune && isSelected(name);
    if (!apps.has(name) && !leaves) apps.set(name, app);
  }
  return apps;
}

function newApp(input: {
  readonly spec: AppSpec;
  readonly templateHash: string;
  readonly revision: number;
  readonly at: number;
  readonly lastGeneration: number;
}): AppRecord {
  return {
    spec: input.spec,
    templateHash: input.templateHash,
    generation: input.lastGeneration + 1,
    restartGeneration: 0,
    revision: input.revision,
    override: null,
    createdAt: input.at,
    ...((input.spec.schedule ?? input.spec.cron_restart) !== null && { settledTick: input.at }),
    ...(input.spec.schedule === null && {
      rollout: { previous: null, startedAt: input.at, paused: null },
    }),
  };
}

interface Declared {
  readonly spec: AppSpec;
  readonly templateHash: string;
  readonly revision: number;
}

function acceptKnown(known: AppRecord, declared: Declared, { at, restart, afresh }: Accepted): AppRecord {
  const isAfresh = afresh?.includes(declared.spec.name) ?? false;
  const accepted = acceptApp(known, declared, { at, isAfresh });
  return restart === undefined ? accepted : restartAccepted(known, accepted, restart);
}

/**
 * An unchanged spec keeps the template hash it came with: a stateward that hashes in another way must not make every
 * process of the host look outdated.
 */
function acceptApp(
  app: AppRecord,
  declared: Declared,
  { at, isAfresh }: { readonly at: number; readonly isAfresh: boolean },
): AppRecord {
  const changed = !sameValue(app.spec, declared.spec);
  // Who applies a version that has failed, and waits, wants it to be tried again.
  const isRetry = app.rollout?.paused?.failure != null;
  if (!changed && !isRetry && !isAfresh && app.override === null) return app;
  const next = {
    ...app,
    ...(changed ? { ...declared, ...acceptSchedule(app, declared.spec, at) } : {}),
    generation: app.generation + (changed || isRetry || isAfresh || hasEffect(app) ? 1 : 0),
    override: null,
  };
  return rolloutOfAccepted(app, isAfresh ? { ...next, begunAfresh: next.generation } : next, at);
}

function beginAfresh(app: AppRecord): AppRecord {
  const generation = app.generation + 1;
  return { ...app, generation, begunAfresh: generation };
}

/** Whether the override makes the app something else than its spec declares. */
function hasEffect({ override, spec }: AppRecord): boolean {
  if (override === null) return false;
  return (
    override.run === 'stopped' ||
    (override.run === 'running' && !spec.autostart) ||
    (override.instances !== undefined && override.instances !== spec.instances)
  );
}

function setOverride(app: AppRecord, override: Override | null): AppRecord {
  if (override === null && app.override === null) return app;
  const next = { ...app, override, generation: app.generation + 1 };
  // A run that waits to be started must not come up when the app is started again.
  return override?.run === 'stopped' && app.runs !== undefined ? { ...next, runs: {} } : next;
}

function requestRestart(app: AppRecord, fact: Extract<Fact, { kind: 'restart-requested' }>): AppRecord {
  const { slot, reason, detail, at, now, tick, run, dependencyMarks } = fact;
  const generation = app.generation + 1;
  const asked: AppRecord = {
    ...app,
    ...(dependencyMarks !== undefined && { dependencyMarks }),
    ...(tick !== undefined && { settledTick: tick }),
    ...(run === true && slot !== null && { runs: { ...app.runs, [slot]: generation } }),
    ...nextRestart(app, slot),
    generation,
    ...unfitIn(app, fact),
    lastRestart: { reason, detail, at, ...(now === true && { now }) },
  };
  return rolloutOfRestart(app, asked, fact);
}

/** Only the slots that run other code get new processes; what is accepted stays as it is. */
function changeCode(
  app: AppRecord,
  { slots, again, detail, at }: Extract<Fact, { kind: 'code-changed' }>,
): AppRecord {
  const bumped = [...slots, ...again].reduce((next, slot) => ({ ...next, ...nextRestart(next, slot) }), app);
  const next: AppRecord = {
    ...bumped,
    generation: app.generation + 1,
    lastRestart: { reason: 'CodeChanged', detail, at },
  };
  // What does not run is started and not replaced.
  return slots.length === 0 ? next : rolloutOfCode(app, next, at);
}

/** That the process of a slot is not fit holds until another restart of that slot is asked for. */
function unfitIn(
  app: AppRecord,
  { slot, reason, at }: Extract<Fact, { kind: 'restart-requested' }>,
): Pick<AppRecord, 'unfit'> {
  if (slot === null || !saysUnfit(reason)) return {};
  const { restartGeneration, slotRestarts } = nextRestart(app, slot);
  const counter = restartGeneration + (slotRestarts?.[String(slot)] ?? 0);
  return { unfit: { ...app.unfit, [slot]: { reason, at, restartGeneration: counter } } };
}

function deleteApps(projects: Projects, keys: readonly AppKey[]): Projects {
  let next = projects;
  for (const project of new Set(keys.map((key) => splitAppKey(key).project))) {
    const record = projects.get(project);
    if (record === undefined) continue;
    const left = Object.entries(record.apps).filter(([name]) => !keys.includes(appKey(project, name)));
    if (left.length === Object.keys(record.apps).length) continue;
    next = withProject(next, { ...record, revision: record.revision + 1, apps: Object.fromEntries(left) });
  }
  return next;
}

function updateApp(projects: Projects, key: AppKey, change: (app: AppRecord) => AppRecord): Projects {
  const { project, name } = splitAppKey(key);
  const record = projects.get(project);
  const app = appOf(record, name);
  if (record === undefined || app === undefined) return projects;
  const changed = change(app);
  if (changed === app) return projects;
  return withProject(projects, {
    ...record,
    revision: record.revision + (changed.spec === app.spec ? 0 : 1),
    lastGeneration: Math.max(record.lastGeneration, changed.generation),
    apps: { ...record.apps, [name]: changed },
  });
}

function withProject(projects: Projects, record: ProjectRecord): Projects {
  const before = projects.get(record.project);
  if (before === record) return projects;
  return new Map(projects).set(record.project, trackOutcomes(before, record));
}

/** Own keys only: an app may be called `constructor`. */
function appOf(record: ProjectRecord | undefined, name: string): AppRecord | undefined {
  return record !== undefined && Object.hasOwn(record.apps, name) ? record.apps[name] : undefined;
}

/** Compares by identity: what means the same was kept as the same object when it was accepted. */
function sameApps(
  before: Readonly<Record<string, AppRecord>>,
  after: ReadonlyMap<string, AppRecord>,
  isSame: (one: AppRecord, other: AppRecord) => boolean,
): boolean {
  const apps = Object.entries(before);
  return (
    apps.length === after.size &&
    apps.every(([name, one]) => {
      const other = after.get(name);
      return other !== undefined && isSame(one, other);
    })
  );
}

function highestGeneration(last: number, apps: ReadonlyMap<string, AppRecord>): number {
  let highest = last;
  for (const app of apps.values()) highest = Math.max(highest, app.generation);
  return highest;
}
