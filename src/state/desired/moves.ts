import { appKey, splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { withoutConfirmation } from './confirmations.ts';
import type { AppRecord, Fact, ProjectRecord } from '../model/types.ts';

type Projects = ReadonlyMap<string, ProjectRecord>;
type MovedFact = Extract<Fact, { kind: 'apps-moved' }>;

export interface Move {
  readonly from: AppKey;
  readonly to: AppKey;
}

/** Which app gets which name; none when the move has happened already, or when both names are taken. */
export function movesOf(projects: Projects, { from, to, apps }: MovedFact): readonly Move[] {
  const before = projects.get(from);
  if (before === undefined) return [];
  if (from !== to) {
    if (Object.keys(projects.get(to)?.apps ?? {}).length > 0) return [];
    const newNames = new Map(Object.entries(apps).map(([name, old]) => [old, name]));
    return Object.keys(before.apps).map((name) => ({
      from: appKey(from, name),
      to: appKey(to, newNames.get(name) ?? name),
    }));
  }
  return Object.entries(apps)
    .filter(([name, old]) => Object.hasOwn(before.apps, old) && !Object.hasOwn(before.apps, name))
    .map(([name, old]) => ({ from: appKey(from, old), to: appKey(to, name) }));
}

/** The desired state with the apps under their new names; their generation grows, so that processes are told. */
export function moveApps(projects: Projects, fact: MovedFact): Projects {
  const moves = movesOf(projects, fact);
  const before = projects.get(fact.from);
  if (before === undefined || moves.length === 0) return projects;
  const names = new Map(moves.map(({ from, to }) => [splitAppKey(from).name, to]));
  const apps = Object.entries(before.apps).map(([name, app]) => {
    const to = names.get(name);
    return to === undefined ? ([name, app] as const) : renamed(app, appKey(fact.from, name), to);
  });
  const highest = Math.max(before.lastGeneration, ...apps.map(([, { generation }]) => generation));
  const there = fact.from === fact.to ? undefined : projects.get(fact.to);
  const revision = Math.max(before.revision, there?.revision ?? 0) + 1;
  const moved: ProjectRecord = {
    ...before,
    project: fact.to,
    apps: Object.fromEntries(apps),
    revision,
    lastGeneration: Math.max(highest, there?.lastGeneration ?? 0),
    // The outcomes of earlier revisions stay known, and the new one has nothing to prove.
    outcomes: { ...renamedOutcomes(before, names), [String(revision)]: { apps: {} } },
  };
  const next = new Map(projects);
  if (fact.from !== fact.to) {
    next.set(fact.from, { ...withoutConfirmation(before), apps: {}, revision: before.revision + 1 });
  }
  return next.set(fact.to, moved);
}

function renamedOutcomes(
  { outcomes = {} }: ProjectRecord,
  names: ReadonlyMap<string, AppKey>,
): NonNullable<ProjectRecord['outcomes']> {
  const nameOf = (name: string): string => {
    const to = names.get(name);
    return to === undefined ? name : splitAppKey(to).name;
  };
  return Object.fromEntries(
    Object.entries(outcomes).map(([number, progress]) => {
      const apps = Object.entries(progress.apps).map(([name, why]) => [nameOf(name), why] as const);
      return [number, { ...progress, apps: Object.fromEntries(apps) }];
    }),
  );
}

function renamed(app: AppRecord, before: AppKey, to: AppKey): readonly [string, AppRecord] {
  const { name } = splitAppKey(to);
  const { rollout } = app;
  const previous = rollout?.previous ?? null;
  return [
    name,
    {
      ...app,
      spec: { ...app.spec, name },
      generation: app.generation + 1,
      formerly: [...new Set([...(app.formerly ?? []), before])],
      ...(rollout !== undefined &&
        previous !== null && {
          rollout: { ...rollout, previous: { ...previous, spec: { ...previous.spec, name } } },
        }),
    },
  ];
}

/** A move that a crash interrupted is on disk twice: the apps are those of the new name. */
export function completeMoves(projects: Projects): Projects {
  const next = new Map(projects);
  for (const { apps } of projects.values()) {
    for (const { formerly = [], createdAt } of Object.values(apps)) {
      for (const key of formerly) {
        const { project, name } = splitAppKey(key);
        const record = next.get(project);
        if (record === undefined || !Object.hasOwn(record.apps, name)) continue;
        if (record.apps[name]?.createdAt !== createdAt) continue;
        const left = Object.entries(record.apps).filter(([other]) => other !== name);
        next.set(project, { ...record, apps: Object.fromEntries(left) });
      }
    }
  }
  return next;
}

/** Under which key the processes of a name are found. */
export interface Names {
  /** What an app is called now; the same where it was not moved. */
  now(key: AppKey): AppKey;
  /** What it was called before, as far as nobody else is called so. */
  before(key: AppKey): readonly AppKey[];
}

export function namesOf(projects: Projects): Names {
  const now = new Map<AppKey, AppKey>();
  const before = new Map<AppKey, AppKey[]>();
  for (const { project, apps } of projects.values()) {
    for (const [name, { formerly = [] }] of Object.entries(apps)) {
      const key = appKey(project, name);
      for (const old of formerly) {
        const { project: oldProject, name: oldName } = splitAppKey(old);
        const there = projects.get(oldProject)?.apps;
        if (there !== undefined && Object.hasOwn(there, oldName)) continue;
        now.set(old, key);
        before.set(key, [...(before.get(key) ?? []), old]);
      }
    }
  }
  return { now: (key) => now.get(key) ?? key, before: (key) => before.get(key) ?? [] };
}

/** The names of what `records` gives, worked out again when that has changed. */
export function rememberNames(records: () => Projects): () => Names {
  let of: Projects | undefined;
  let names = namesOf(new Map());
  return () => {
    const projects = records();
    if (projects !== of) [of, names] = [projects, namesOf(projects)];
    return names;
  };
}
