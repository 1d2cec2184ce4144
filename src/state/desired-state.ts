import { ownValue } from '../lib/collections.ts';
import { appKey, type AppKey } from '../lib/app-key.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import { inTurns } from '../lib/turns/turns.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import { desiredSnapshot, type DesiredSnapshot } from './desired/desired.ts';
import type { Move } from './desired/moves.ts';
import { reduceAll, type Projects } from './desired/reducer.ts';
import { revisionOf } from './desired/revision-of.ts';
import type { StateLayout } from './disk/layout.ts';
import { saveProjects, type ProjectSave } from './disk/project-files.ts';
import type { KnownFiles } from './disk/known-files.ts';
import { writeFailure, type WriteProblem } from './disk/state-failures.ts';
import type { Retention } from './model/retention.ts';
import type { Commit, Fact, ProjectRecord, Revision, RevisionMeta } from './model/types.ts';
import { copyMovedRevisions, movesAmong, type MovedApps } from './moved-apps.ts';
import { mayWait, wantedOf } from './unwritten/may-wait.ts';

/**
 * What the history says about the revision that a commit makes of a project; undefined: it names nobody and counts
 * nothing.
 */
export type MetaOf = (project: string) => RevisionMeta | undefined;

export interface DesiredStateOptions {
  readonly layout: StateLayout;
  readonly projects: Projects;
  readonly known: KnownFiles;
  readonly retention: () => Retention;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** What is told of facts before they are made durable. */
export interface Audited {
  readonly before: Projects;
  readonly saves: readonly ProjectSave[];
  /** They hold at once where they cannot be written. */
  readonly mayWait: boolean;
}

export interface WriteOptions {
  readonly metaOf: MetaOf;
  readonly audit: {
    /** Gives what keeps it from telling. */
    readonly before: (audited: Audited) => Promise<WriteProblem | null>;
    /** What it told of did not come about. */
    readonly failed: (why: string) => Promise<unknown>;
  };
}

/** What a write came to. */
export interface Written {
  readonly outcome: Result<Commit['revisions'], Failure>;
  readonly moves: readonly Move[];
  /** What kept the disk from following. With an outcome that is ok, the facts hold in memory and are written later. */
  readonly problem: WriteProblem | null;
}

/** What is missing on disk of one project. */
interface Pending {
  /** What its file holds; undefined: there is none that could be relied on. */
  readonly onDisk: ProjectRecord | undefined;
  readonly revisions: readonly Revision[];
}

/** An app of which the disk holds something older. */
export interface UnwrittenApp {
  readonly key: AppKey;
  /** How many processes it wants, and how many a controller would find that reads the disk. */
  readonly wanted: number;
  readonly wantedOnDisk: number;
}

/**
 * The desired state, in memory and on disk. Memory follows the disk: a record is replaced once it is durable. Only facts
 * that may wait (see may-wait.ts) are taken over without: the whole record is written again and again until it is there.
 */
export class DesiredState {
  readonly #options: DesiredStateOptions;
  readonly #pending = new Map<string, Pending>();
  #projects: Projects;
  #snapshot: DesiredSnapshot;

  constructor(options: DesiredStateOptions) {
    this.#options = options;
    this.#projects = options.projects;
    this.#snapshot = desiredSnapshot(options.projects);
  }

  get projects(): Projects {
    return this.#projects;
  }

  get apps(): readonly DesiredApp[] {
    return this.#snapshot.apps;
  }

  app(key: AppKey): DesiredApp | undefined {
    return this.#snapshot.byKey.get(key);
  }

  /**
   * Makes facts durable, one write for each project, once `audit` has told of them. One call at a time.
   */
  async write(facts: readonly Fact[], { metaOf, audit }: WriteOptions): Promise<Written> {
    const { layout } = this.#options;
    const before = this.#projects;
    const after = reduceAll(before, facts, this.#options.retention().revisions);
    const moved = movesAmong(before, facts);
    const copied = await copyMovedRevisions(moved, before, layout);
    if (copied !== null) return { outcome: err(writeFailure(copied)), moves: [], problem: copied };
    const saves = await this.#savesOf(after, { facts, moved, metaOf });
    const waits = mayWait(facts, { before, after });
    const unaudited = await audit.before({ saves, before, mayWait: waits });
    if (unaudited !== null && !waits)
      return { outcome: err(writeFailure(unaudited)), moves: [], problem: unaudited };
    const saved = await saveProjects(saves, this.#options);
    const kept = saved.ok ? saves.map(({ record }) => record) : saved.error.kept;
    for (const { project } of kept) this.#pending.delete(project);
    if (saved.ok || waits) {
      for (const { record, before: there, revisions } of saves) {
        if (!kept.includes(record)) this.#pending.set(record.project, { onDisk: there, revisions });
      }
      this.#take(saves.map(({ record }) => record));
      const revisions = saves.flatMap(({ record: { project, revision } }) =>
        revision === before.get(project)?.revision ? [] : [{ project, revision }],
      );
      const problem = saved.ok ? null : saved.error.problem;
      return { outcome: ok(revisions), moves: moved.flatMap(({ moves }) => moves), problem };
    }
    this.#take(kept);
    const { problem } = saved.error;
    await audit.failed(writeFailure(problem).message);
    return { outcome: err(writeFailure(problem)), moves: [], problem };
  }

  /** Writes what is missing on disk; gives what the first write met that failed. One call at a time. */
  async writeAgain(): Promise<WriteProblem | null> {
    let problem: WriteProblem | null = null;
    for (const [project, { onDisk, revisions }] of this.#pending) {
      const record = this.#projects.get(project);
      if (record === undefined) continue;
      const saved = await saveProjects([{ record, before: onDisk, revisions }], this.#options);
      if (saved.ok) this.#pending.delete(project);
      else problem ??= saved.error.problem;
    }
    return problem;
  }

  /** The file of a project is not what was written there: it is to be written again. */
  lost(project: string): void {
    const revisions = this.#pending.get(project)?.revisions ?? [];
    this.#pending.set(project, { onDisk: undefined, revisions });
  }

  /** Whether anything is missing on disk. */
  get isBehind(): boolean {
    return this.#pending.size > 0;
  }

  /** Apps of which the disk holds something older. */
  unwritten(): readonly UnwrittenApp[] {
    return [...this.#pending].flatMap(([project, { onDisk }]) => {
      const record = this.#projects.get(project);
      return Object.entries(record?.apps ?? {})
        .filter(([name, app]) => ownValue(onDisk?.apps, name) !== app)
        .map(([name]) => {
          const key = appKey(project, name);
          return { key, wanted: wantedOf(record, key), wantedOnDisk: wantedOf(onDisk, key) };
        });
    });
  }

  /** Revisions that are not on disk yet, oldest first. */
  unwrittenRevisions(project: string): readonly Revision[] {
    return this.#pending.get(project)?.revisions ?? [];
  }

  #onDisk(project: string): ProjectRecord | undefined {
    const pending = this.#pending.get(project);
    return pending === undefined ? this.#projects.get(project) : pending.onDisk;
  }

  async #savesOf(
    after: Projects,
    { facts, moved, metaOf }: { facts: readonly Fact[]; moved: readonly MovedApps[]; metaOf: MetaOf },
  ): Promise<readonly ProjectSave[]> {
    const [dated] = facts.filter((fact) => 'at' in fact);
    const at = dated?.at ?? this.#options.now();
    const isGiving = ({ project }: ProjectRecord): boolean =>
      moved.some(({ fact }) => fact.from === project && fact.to !== project);
    const saves: ProjectSave[] = [];
    const changed = [...after.values()]
      .filter((record) => this.#projects.get(record.project) !== record)
      // The project that receives apps is written first: after a crash, apps that are on disk twice can be mended;
      // apps that are on disk nowhere are lost.
      .sort((a, b) => Number(isGiving(a)) - Number(isGiving(b)));
    for (const record of changed) {
      const { project } = record;
      const isNew = record.revision !== this.#projects.get(project)?.revision;
      const revisions = [
        ...this.unwrittenRevisions(project),
        ...(isNew ? [await inTurns(revisionOf(record, at, metaOf(project)))] : []),
      ].slice(-this.#options.retention().revisions);
      saves.push({ record, before: this.#onDisk(project), revisions });
    }
    return saves;
  }

  #take(records: readonly ProjectRecord[]): void {
    if (records.length === 0) return;
    this.#projects = new Map([
      ...this.#projects,
      ...records.map((record) => [record.project, record] as const),
    ]);
    this.#snapshot = desiredSnapshot(this.#projects);
  }
}

/** The apps whose record changed, appeared or went away. */
export function changedApps(before: Projects, after: Projects): readonly AppKey[] {
  return [...after.values()].flatMap(({ project, apps }) => {
    const old = before.get(project)?.apps ?? {};
    if (old === apps) return [];
    return [...new Set([...Object.keys(old), ...Object.keys(apps)])]
      .filter((name) => old[name] !== apps[name])
      .map((name) => appKey(project, name));
  });
}
