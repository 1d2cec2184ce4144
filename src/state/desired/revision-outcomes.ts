import { ownValue } from '../../lib/collections.ts';
import { appKey } from '../../lib/app-key.ts';
import type { AppRecord, ProjectRecord, RevisionProgress } from '../model/types.ts';

/** What came of one revision, as far as it is known; null: it is older than what is on record. */
export interface RevisionResult {
  readonly state: 'progressing' | 'succeeded' | 'failed' | 'superseded';
  /** Of a failed one: `shop/web: slot 0 exited with code 1 after 0.2s`. */
  readonly message: string | null;
}

export function resultOf(record: ProjectRecord, revision: number): RevisionResult | null {
  const progress = record.outcomes?.[String(revision)];
  if (progress === undefined) return null;
  const apps = Object.entries(progress.apps);
  const failed = apps.flatMap(([name, why]) =>
    why === null ? [] : [`${appKey(record.project, name)}: ${why}`],
  );
  if (failed.length > 0) return { state: 'failed', message: failed.join('; ') };
  if (apps.length > 0) return { state: 'progressing', message: null };
  return { state: progress.superseded === true ? 'superseded' : 'succeeded', message: null };
}

/**
 * The record with what the change from `before` means for the revisions: which apps still have to prove themselves, and
 * which have, or have failed. A revision without a rollout has succeeded at once. `changed`: names of the apps of `before`
 * that are others in `after`; absent: any may be.
 */
export function trackOutcomes(
  before: ProjectRecord | undefined,
  after: ProjectRecord,
  changed: readonly string[] = Object.keys(before?.apps ?? {}),
): ProjectRecord {
  const outcomes = new Map(Object.entries(before?.outcomes ?? {}));
  const touched = new Map<string, Tracked>();
  for (const name of changed) {
    const app = recordOf(before, name);
    const next = ownValue(after.apps, name);
    if (app === undefined || next === app) continue;
    const revision = String(app.revision);
    const progress = touched.get(revision) ?? tracked(outcomes.get(revision), name);
    if (progress?.apps.has(name) !== true) continue;
    touched.set(revision, progress);
    settle(progress, name, { app, next });
  }
  for (const [revision, { apps, superseded }] of touched) {
    outcomes.set(revision, { apps: Object.fromEntries(apps), ...(superseded && { superseded }) });
  }
  if (after.revision !== before?.revision) {
    outcomes.set(String(after.revision), { apps: begun(before, after) });
  }
  return { ...after, outcomes: Object.fromEntries(outcomes) };
}

/** The record without what came of revisions that are not kept any more. */
export function withoutOldOutcomes(record: ProjectRecord, kept: number): ProjectRecord {
  const { outcomes = {}, revision: newest } = record;
  const left = Object.entries(outcomes).filter(([revision]) => Number(revision) > newest - kept);
  return left.length === Object.keys(outcomes).length
    ? record
    : { ...record, outcomes: Object.fromEntries(left) };
}

/** The progress of a revision while it is worked out. */
interface Tracked {
  readonly apps: Map<string, string | null>;
  superseded: boolean;
}

/** undefined: it says nothing of the app. */
function tracked(progress: RevisionProgress | undefined, name: string): Tracked | undefined {
  if (progress === undefined || !Object.hasOwn(progress.apps, name)) return undefined;
  return { apps: new Map(Object.entries(progress.apps)), superseded: progress.superseded === true };
}

/** Apps of which a new revision has made another version, which has to prove itself. */
function begun(before: ProjectRecord | undefined, after: ProjectRecord): RevisionProgress['apps'] {
  const names = Object.entries(after.apps)
    .filter(([name, app]) => app.revision === after.revision && app !== recordOf(before, name))
    .filter(([, { rollout }]) => rollout !== undefined)
    .map(([name]) => [name, null] as const);
  return Object.fromEntries(names);
}

/** What became of an app that has not proven itself yet, or has failed. */
function settle(
  progress: Tracked,
  name: string,
  { app, next }: { readonly app: AppRecord; readonly next: AppRecord | undefined },
): void {
  const before = progress.apps.get(name) ?? null;
  progress.apps.delete(name);
  if (next?.revision === app.revision) {
    if (next.rollout !== undefined) progress.apps.set(name, next.rollout.paused?.failure?.message ?? null);
    return;
  }
  const last = next?.lastRollout;
  const failure = last !== app.lastRollout && last?.generation === app.generation ? last.failure : null;
  const why = failure?.message ?? before;
  if (why !== null) progress.apps.set(name, why);
  else progress.superseded = true;
}

function recordOf(project: ProjectRecord | undefined, name: string): AppRecord | undefined {
  return ownValue(project?.apps, name);
}
