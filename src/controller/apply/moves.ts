import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import { movesOf } from '../../state/desired/moves.ts';
import { reduce, type Projects } from '../../state/desired/reducer.ts';
import type { AppHistory, Fact } from '../../state/model/types.ts';

export type MovedFact = Extract<Fact, { kind: 'apps-moved' }>;

interface Named {
  readonly records: Projects;
  readonly instances: readonly ObservedInstance[];
  readonly histories: readonly AppHistory[];
  readonly now: number;
}

export interface Renamed<H> {
  /** The host with everything under its new name: planning starts from it. */
  readonly host: H;
  readonly facts: readonly MovedFact[];
  /** What apps were called, by what they are called now. */
  readonly before: ReadonlyMap<AppKey, AppKey>;
}

/** What `moved` of the declared projects and apps comes to. Fails where both the old and the new project have apps. */
export function renameApps<H extends Named>(request: ApplyRequest, host: H): Result<Renamed<H>, Failure> {
  const facts: MovedFact[] = [];
  const now = new Map<AppKey, AppKey>();
  let { records } = host;
  for (const spec of request.projects) {
    const clash = clashOf(spec, request, records);
    if (clash !== null) return err(clash);
    const named = request.keepOrigin === true ? calledAsBefore(spec, records) : spec;
    for (const fact of factsOf(named, request, host.now)) {
      const moves = movesOf(records, fact);
      if (moves.length === 0) continue;
      facts.push(fact);
      records = reduce(records, fact);
      for (const { from, to } of moves) now.set(from, to);
    }
  }
  if (facts.length === 0) return ok({ host, facts, before: new Map() });
  const rename = <T extends { readonly key: AppKey }>(items: readonly T[]): readonly T[] =>
    items.map((item) => ({ ...item, key: now.get(item.key) ?? item.key }));
  const renamed = { records, instances: rename(host.instances), histories: rename(host.histories) };
  return ok({
    host: { ...host, ...renamed },
    facts,
    before: new Map([...now].map(([from, to]) => [to, from])),
  });
}

function factsOf(
  { project, moved = {} }: ProjectSpec,
  { only }: ApplyRequest,
  at: number,
): readonly MovedFact[] {
  const named = Object.entries(moved.apps ?? {});
  const apps = Object.fromEntries(named.filter(([name]) => only?.includes(name) ?? true));
  const move = (from: string): MovedFact => ({ kind: 'apps-moved', from, to: project, apps, at });
  return [
    ...(moved.from === undefined ? [] : [move(moved.from)]),
    ...(named.length === 0 ? [] : [move(project)]),
  ];
}

/** The way back: an app that is declared under a former name is the app that has another name now. */
function calledAsBefore(spec: ProjectSpec, records: Projects): ProjectSpec {
  const present = records.get(spec.project)?.apps ?? {};
  const declared = new Set(spec.apps.map(({ name }) => name));
  const apps = Object.entries(present).flatMap(([now, { formerly = [] }]) => {
    const names = formerly.map((key) => splitAppKey(key)).filter(({ project }) => project === spec.project);
    const name = names
      .map((key) => key.name)
      .findLast((old) => declared.has(old) && !Object.hasOwn(present, old));
    return declared.has(now) || name === undefined ? [] : [[name, now] as const];
  });
  return apps.length === 0 ? spec : { ...spec, moved: { apps: Object.fromEntries(apps) } };
}

function clashOf(
  { project, moved }: ProjectSpec,
  { projects }: ApplyRequest,
  records: Projects,
): Failure | null {
  const from = moved?.from;
  if (from === undefined || Object.keys(records.get(from)?.apps ?? {}).length === 0) return null;
  const isDeclared = projects.some((other) => other.project === from);
  if (!isDeclared && Object.keys(records.get(project)?.apps ?? {}).length === 0) return null;
  return {
    code: 'CONFLICT',
    message: `cannot move project ${from} to ${project}: ${isDeclared ? 'both are declared' : 'both have apps'}`,
    hint: `take \`moved\` out of the file, or end one of them first: stateward delete ${from}`,
  };
}
