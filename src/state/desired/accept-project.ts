import { ownValue } from '../../lib/collections.ts';
import type { AppSpec } from '../../spec/types.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppRecord, Fact, ProjectRecord } from '../model/types.ts';
import { acceptSchedule } from './accepted-schedule.ts';
import { withoutStrayPorts } from './chosen-ports.ts';
import { restartAccepted } from './restart-accepted.ts';
import { releaseAccepted, releaseBegun } from './pre-starts.ts';
import { runReleaseJobs } from './release-jobs.ts';
import { rolloutOfAccepted } from './rollouts.ts';

type Accepted = Extract<Fact, { kind: 'project-accepted' }>;

/** Returns the project as declared; the same object when nothing about it is new. */
export function acceptProject(before: ProjectRecord | undefined, fact: Accepted): ProjectRecord {
  const revision = (before?.revision ?? 0) + 1;
  const apps = acceptedApps(before, fact, revision);
  const specsChanged =
    before === undefined || !sameApps(before.apps, apps, (one, other) => one.spec === other.spec);
  const next: ProjectRecord = {
    project: fact.spec.project,
    source: fact.spec.source,
    ...readFromOf(before, fact),
    revision: specsChanged ? revision : before.revision,
    lastGeneration: highestGeneration(before?.lastGeneration ?? 0, apps),
    apps: Object.fromEntries(apps),
    // Whoever applies something else takes what was on trial for settled.
    ...(!specsChanged && before.confirmation !== undefined && { confirmation: before.confirmation }),
    ...(before?.outcomes !== undefined && { outcomes: before.outcomes }),
  };
  const withJobs = runReleaseJobs(before, next, fact.at);
  const isSame =
    before !== undefined &&
    sameApps(before.apps, apps, (one, other) => one === other) &&
    sameValue(before.source, next.source) &&
    sameFiles(before.readFrom, next.readFrom);
  return isSame ? before : withJobs;
}

/** An apply of some apps alone leaves edits of the others where they are: what the file says of those is not in force. */
function readFromOf(
  before: ProjectRecord | undefined,
  { readFrom, only, at }: Accepted,
): Pick<ProjectRecord, 'readFrom'> {
  if (readFrom === undefined) return {};
  const known = before?.readFrom;
  if (only == null || known === undefined) return { readFrom: { at, ...readFrom } };
  const env = withFresh(known.env, readFrom.env, only);
  return { readFrom: { ...known, env, lines: withFresh(known.lines, readFrom.lines, only) } };
}

/** What is known by app, with what is new of some of them. */
function withFresh<T>(
  known: Readonly<Record<string, T>> | undefined,
  fresh: Readonly<Record<string, T>> | undefined,
  names: readonly string[],
): Readonly<Record<string, T>> {
  const kept = Object.entries(known ?? {}).filter(([name]) => !names.includes(name));
  const taken = Object.entries(fresh ?? {}).filter(([name]) => names.includes(name));
  return Object.fromEntries([...kept, ...taken]);
}

function sameFiles(one: ProjectRecord['readFrom'], other: ProjectRecord['readFrom']): boolean {
  return (
    sameValue(one?.declared, other?.declared) &&
    sameValue(one?.env ?? {}, other?.env ?? {}) &&
    sameValue(one?.lines ?? {}, other?.lines ?? {})
  );
}

function acceptedApps(
  before: ProjectRecord | undefined,
  fact: Accepted,
  revision: number,
): Map<string, AppRecord> {
  const isSelected = (name: string): boolean => fact.only?.includes(name) ?? true;
  const apps = new Map<string, AppRecord>();
  for (const spec of fact.spec.apps) {
    const known = ownValue(before?.apps, spec.name);
    if (!isSelected(spec.name)) {
      if (known !== undefined) apps.set(spec.name, known);
      continue;
    }
    const templateHash = ownValue(fact.templateHashes, spec.name) ?? '';
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
  const app: AppRecord = {
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
  return releaseBegun(app, input.at);
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
  // Applying a version that has failed and waits means: try it again. So it is with a pre_start hook.
  const isRetry = app.rollout?.paused?.failure != null || app.preStart?.state === 'failed';
  if (!changed && !isRetry && !isAfresh && app.override === null) return app;
  const next = {
    ...app,
    ...(changed ? { ...declared, ...acceptSchedule(app, declared.spec, at) } : {}),
    generation: app.generation + (changed || isRetry || isAfresh || hasEffect(app) ? 1 : 0),
    override: null,
  };
  const begun = isAfresh ? { ...next, begunAfresh: next.generation } : next;
  return withoutStrayPorts(rolloutOfAccepted(app, releaseAccepted(app, begun, at), at));
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

/** Compares by identity: acceptance keeps the same object for what means the same. */
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
