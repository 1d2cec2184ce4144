import type { Failure } from '../../lib/failure.ts';
import type { AppSpec, UnreadVariables } from '../../spec/types.ts';
import { appFailure, writtenPath, type DeclaredApp } from '../shape/declared-app.ts';
import { portConflicts } from './check-ports.ts';
import { socketConflicts } from './check-sockets.ts';
import { LIMITS } from '../read/limits.ts';
import { locate, placeText } from '../read/source.ts';
import { didYouMean } from '../../lib/nearest.ts';

/** An app with the spec that it became. */
export interface LoadedApp {
  readonly declared: DeclaredApp;
  readonly spec: AppSpec;
  /** Absolute paths of its env files; absent: it has none. */
  readonly envFiles?: readonly string[];
  /** Where a file is only looked at: what of its variables is not known. */
  readonly unread?: UnreadVariables;
}

/** Mistakes that only the apps of a project together can show: duplicate names, unknown dependencies. */
export function checkProject(apps: readonly LoadedApp[]): readonly Failure[] {
  const byName = new Map<string, LoadedApp>();
  const failures: Failure[] = [];
  for (const app of apps) {
    const first = byName.get(app.spec.name);
    if (isNameless(app)) continue;
    if (first === undefined) byName.set(app.spec.name, app);
    else failures.push(duplicateApp(app, first));
  }
  for (const app of byName.values()) {
    if (failures.length >= LIMITS.failures) break;
    failures.push(...unknownDependencies(app, byName), ...wrongMove(app, byName));
  }
  const unique = [...byName.values()];
  return [
    ...failures,
    ...portConflicts(unique),
    ...socketConflicts(unique),
    ...doubleMoves(unique),
    ...dependencyCycles(byName),
  ].slice(0, LIMITS.failures);
}

/** One process cannot become that of two apps. */
function doubleMoves(apps: readonly LoadedApp[]): Failure[] {
  const taken = new Map<string, string>();
  return apps.flatMap(({ declared, spec }) => {
    const from = declared.app.moved?.from;
    const first = from === undefined ? undefined : taken.get(from);
    if (from !== undefined && first === undefined) taken.set(from, spec.name);
    if (from === undefined || first === undefined) return [];
    const message = `${JSON.stringify(first)} takes over the processes of ${JSON.stringify(from)} already`;
    const hint = 'leave `moved` out of one of the two: its processes are started anew';
    return [appFailure(declared, { path: ['moved', 'from'] }, { code: 'CONFIG_BAD_VALUE', message, hint })];
  });
}

/** Who has the name still cannot have given it away. */
function wrongMove({ declared, spec }: LoadedApp, byName: ReadonlyMap<string, LoadedApp>): Failure[] {
  const from = declared.app.moved?.from;
  if (from === undefined || from === spec.name || !byName.has(from)) return [];
  return [
    appFailure(
      declared,
      { path: ['moved', 'from'] },
      {
        code: 'CONFIG_BAD_VALUE',
        message: `the file still declares an app ${JSON.stringify(from)}`,
        hint: 'an app takes over the processes of one that the file does not declare any more',
      },
    ),
  ];
}

/** Its script would have named it, and that is wrong. */
function isNameless({ declared: { app } }: LoadedApp): boolean {
  return app.name === undefined && app.script === '';
}

function duplicateApp({ declared, spec }: LoadedApp, first: LoadedApp): Failure {
  const path = [declared.app.name === undefined ? 'script' : 'name'];
  return appFailure(
    declared,
    { path },
    {
      code: 'CONFIG_DUPLICATE_APP',
      message: `two apps are called ${JSON.stringify(spec.name)}`,
      hint: duplicateHint(declared, first),
      details: [`first at ${placeOf(first)}`],
    },
  );
}

function duplicateHint({ app, document }: DeclaredApp, { declared: first }: LoadedApp): string {
  if (document.file !== first.document.file)
    return 'name the one file that is meant with -f, or rename one app';
  return app.name === undefined ? 'set `name` on each' : 'rename one, or use `instances`';
}

function placeOf({ declared }: LoadedApp): string {
  const path = writtenPath(declared, [declared.app.name === undefined ? 'script' : 'name']);
  return placeText(declared.document, locate(declared.document.root, path, 'value'));
}

function unknownDependencies(app: LoadedApp, byName: ReadonlyMap<string, LoadedApp>): Failure[] {
  const unknown = Object.keys(app.spec.depends_on).filter((name) => !byName.has(name));
  // Comparing with every name is worth it for a few mistakes only.
  const known = unknown.length === 0 || byName.size * unknown.length > 10_000 ? [] : [...byName.keys()];
  const others = known.filter((name) => name !== app.spec.name);
  return unknown.slice(0, LIMITS.failures).map((name) => {
    const hint = didYouMean(name, others);
    return dependencyFailure(app, name, {
      code: 'CONFIG_UNKNOWN_DEPENDENCY',
      message: `the project has no app ${JSON.stringify(name)}`,
      ...(hint === undefined ? {} : { hint }),
    });
  });
}

function dependencyFailure(
  { declared }: LoadedApp,
  name: string,
  what: Pick<Failure, 'code' | 'message' | 'hint'>,
): Failure {
  const written = declared.app.depends_on;
  const step = Array.isArray(written) ? written.indexOf(name) : name;
  const target = Array.isArray(written) ? 'value' : 'key';
  return appFailure(declared, { path: ['depends_on', step], target }, what);
}

/**
 * Each cycle once. Depth first with a stack of its own: a chain may be as long as there are apps.
 *
 * unseen ──▶ open (on the present path) ──▶ done
 */
function dependencyCycles(byName: ReadonlyMap<string, LoadedApp>): Failure[] {
  const failures: Failure[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const start of byName.keys()) {
    if (state.has(start)) continue;
    if (failures.length >= 100) break;
    const path: { readonly name: string; readonly rest: string[] }[] = [];
    const enter = (name: string): void => {
      state.set(name, 'open');
      path.push({ name, rest: Object.keys(byName.get(name)?.spec.depends_on ?? {}).reverse() });
    };
    enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const next = top.rest.pop();
      if (next === undefined) {
        state.set(top.name, 'done');
        path.pop();
      } else if (state.get(next) === 'open') {
        if (failures.length >= 100) continue;
        const names = path.map(({ name }) => name);
        failures.push(...cycle(byName, [...names.slice(names.indexOf(next)), next]));
      } else if (!state.has(next) && byName.has(next)) {
        enter(next);
      }
    }
  }
  return failures;
}

function cycle(byName: ReadonlyMap<string, LoadedApp>, names: readonly string[]): Failure[] {
  const last = byName.get(names.at(-2) ?? '');
  if (last === undefined) return [];
  const shown = names.length > 10 ? [...names.slice(0, 5), '...', ...names.slice(-3)] : names;
  const message = `the apps wait for each other: ${shown.join(' -> ')}`;
  return [dependencyFailure(last, names.at(-1) ?? '', { code: 'CONFIG_DEPENDENCY_CYCLE', message })];
}
