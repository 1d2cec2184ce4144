import { appKey, splitAppKey, type AppKey } from '../lib/app-key.ts';
import type { Failure } from '../lib/failure.ts';
import { err, ok, type Result } from '../lib/result.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import { desiredSnapshot, type DesiredSnapshot } from './desired/desired.ts';
import { movesOf, type Move } from './desired/moves.ts';
import { reduce, type Projects } from './desired/reducer.ts';
import { revisionOf } from './desired/revision-of.ts';
import type { StateLayout } from './disk/layout.ts';
import { saveProjects, type ProjectSave } from './disk/project-files.ts';
import { copyRevisions } from './disk/revisions.ts';
import { writeFailure } from './disk/state-failures.ts';
import type { Commit, Fact, ProjectRecord, RevisionMeta } from './model/types.ts';

/**
 * What the history says about the revision that a commit makes of a project; undefined: it names nobody and counts
 * nothing.
 */
export type MetaOf = (project: string) => RevisionMeta | undefined;

export interface DesiredStateOptions {
  readonly layout: StateLayout;
  readonly projects: Projects;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** What a write came to. */
export interface Written {
  readonly outcome: Result<Commit['revisions'], Failure>;
  readonly moves: readonly Move[];
}

/** The desired state, in memory and on disk. Memory follows the disk: a record is replaced once it is durable. */
export class DesiredState {
  readonly #options: DesiredStateOptions;
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

  /** Makes facts durable, one write for each project. One call at a time. */
  async write(facts: readonly Fact[], metaOf: MetaOf): Promise<Written> {
    const { layout, onError } = this.#options;
    const before = this.#projects;
    const after = facts.reduce(reduce, before);
    const moved = movesAmong(before, facts);
    const copied = await copyMovedRevisions(moved, before, layout);
    if (!copied.ok) return { outcome: copied, moves: [] };
    const saves = this.#savesOf(after, { facts, moved, metaOf });
    const saved = await saveProjects(saves, layout, onError);
    const durable = saved.ok ? saves.map(({ record }) => record) : saved.error.kept;
    this.#take(durable);
    if (!saved.ok) return { outcome: err(saved.error.failure), moves: [] };
    const revisions = saves.flatMap(({ record: { project }, revision }) =>
      revision === null ? [] : [{ project, revision: revision.revision }],
    );
    return { outcome: ok(revisions), moves: moved.flatMap(({ moves }) => moves) };
  }

  #savesOf(
    after: Projects,
    { facts, moved, metaOf }: { facts: readonly Fact[]; moved: readonly MovedApps[]; metaOf: MetaOf },
  ): readonly ProjectSave[] {
    const [dated] = facts.filter((fact) => 'at' in fact);
    const at = dated?.at ?? this.#options.now();
    const isGiving = ({ project }: ProjectRecord): boolean =>
      moved.some(({ fact }) => fact.from === project && fact.to !== project);
    return (
      [...after.values()]
        .filter((record) => this.#projects.get(record.project) !== record)
        // The project that receives apps is written first: after a crash, apps that are on disk twice can be mended;
        // apps that are on disk nowhere are lost.
        .sort((a, b) => Number(isGiving(a)) - Number(isGiving(b)))
        .map((record) => {
          const before = this.#projects.get(record.project);
          const isNew = record.revision !== before?.revision;
          return { record, before, revision: isNew ? revisionOf(record, at, metaOf(record.project)) : null };
        })
    );
  }

  #take(records: readonly ProjectRecord[]): void {
    if (records.length === 0) return;
    this.#projects = new Map([
      ...this.#projects,
      ...records.map((record) => [record.project, record] as const),
    ]);
    this.#snapshot = desiredSnapshot(this.#projects, this.#snapshot);
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

interface MovedApps {
  readonly fact: Extract<Fact, { kind: 'apps-moved' }>;
  readonly moves: readonly Move[];
}

function movesAmong(before: Projects, facts: readonly Fact[]): readonly MovedApps[] {
  if (!facts.some(({ kind }) => kind === 'apps-moved')) return [];
  let projects = before;
  const moved: MovedApps[] = [];
  for (const fact of facts) {
    if (fact.kind === 'apps-moved') moved.push({ fact, moves: movesOf(projects, fact) });
    projects = reduce(projects, fact);
  }
  return moved.filter(({ moves }) => moves.length > 0);
}

async function copyMovedRevisions(
  moved: readonly MovedApps[],
  before: Projects,
  { revisions: folder }: StateLayout,
): Promise<Result<void, Failure>> {
  for (const { fact, moves } of moved) {
    const newest = before.get(fact.from)?.revision;
    if (fact.from === fact.to || newest === undefined) continue;
    const names = new Map(moves.map(({ from, to }) => [from, to]));
    const nameOf = (key: AppKey): AppKey => names.get(key) ?? appKey(fact.to, splitAppKey(key).name);
    try {
      await copyRevisions(folder, { from: fact.from, to: fact.to, newest, names: nameOf });
    } catch (error) {
      return err(writeFailure(folder, error));
    }
  }
  return ok(undefined);
}
