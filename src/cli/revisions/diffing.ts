import type { App } from '../../api/contract/wire/apps.ts';
import type { SnapshotInfo, SpecsOfProject } from '../../api/contract/wire/plan.ts';
import type { AppKey } from '../../lib/app-key.ts';
import { appKey } from '../../lib/app-key.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { Change } from '../../plan/model/plan.ts';
import type { AppSpec, ProjectSpec } from '../../spec/types.ts';
import { patchOf } from './patch.ts';
import { redactPair } from './redacted-pair.ts';
import { driftText } from '../views/drift/drift-text.ts';
import { renderYaml } from '../views/yaml.ts';

/** One app that differs. */
export interface AppDiff {
  readonly app: AppKey;
  /** `added`: only on the second side; `removed`: only on the first (of live and declared: apply would remove it). */
  readonly kind: 'added' | 'removed' | 'changed';
  /** Unified diff from `live/project/name` to `declared/project/name`, or between revisions; secrets redacted. */
  readonly diff: string;
}

export interface DiffScope {
  /** Whether live apps that the file does not name count as removed. */
  readonly prune: boolean;
  readonly only: readonly string[] | null;
  /** What a plan does about apps, also where the declarations are the same. */
  readonly changes: readonly Pick<Change, 'app' | 'fields' | 'reload'>[];
}

/** Compares projects as declared with the apps that are live, app by app in the order of their keys. */
export async function diffProjects(
  projects: readonly ProjectSpec[],
  live: readonly App[],
  scope: DiffScope,
): Promise<readonly AppDiff[]> {
  return diffWith(projects, (project) => presentSide(project, live), scope);
}

/** The same for a host of which there is a snapshot: a program of this version has answered. */
export function diffAgainst(
  { live, declared }: NonNullable<SnapshotInfo['specs']>,
  scope: DiffScope,
): Promise<readonly AppDiff[]> {
  const specsOf = (side: readonly SpecsOfProject[]) =>
    side.map(({ project, apps }) => ({ project, apps: apps as readonly AppSpec[] }));
  const there = new Map(specsOf(live).map(({ project, apps }) => [project, apps]));
  const sideOfHost = (project: string): DeclaredSide => ({
    name: 'live',
    apps: sidesOf(there.get(project) ?? []),
  });
  return diffWith(specsOf(declared), sideOfHost, scope);
}

async function diffWith(
  projects: readonly Pick<ProjectSpec, 'project' | 'apps'>[],
  sideOfHost: (project: string) => DeclaredSide,
  { prune, only, changes }: DiffScope,
): Promise<readonly AppDiff[]> {
  const diffs: AppDiff[] = [];
  const notes = new Map(changes.map((change) => [change.app, notesOf(change)]));
  for (const { project, apps } of projects) {
    const declared = { name: 'declared', apps: sidesOf(apps) };
    const isMeant = (name: string): boolean =>
      (only === null || only.includes(name)) && (prune || declared.apps.has(name));
    const sides = withNotes(project, [sideOfHost(project), declared], notes);
    diffs.push(...(await diffSides(project, sides, isMeant)));
  }
  return diffs;
}

/** Lines of comment about one app, for either side. */
interface Notes {
  readonly live: string;
  readonly declared: string;
}

/** What changes and is in no declaration: other code on disk, secrets that were rotated, files that are to be read again. */
function notesOf({ fields, reload }: DiffScope['changes'][number]): Notes {
  const notes = fields.map(({ path, before, after, note = '', redacted }): Notes => {
    if (path === 'code' && typeof before === 'string' && typeof after === 'string') {
      const more = note === '' ? '' : ` (${note})`;
      return {
        live: `# code: ${before}, of the processes\n`,
        declared: `# code: ${after}, on disk${more}\n`,
      };
    }
    const isRotated = redacted && before === undefined && after === undefined;
    return { live: '', declared: isRotated ? `# ${path} ${note}\n` : '' };
  });
  return {
    live: notes.map(({ live }) => live).join(''),
    declared:
      notes.map(({ declared }) => declared).join('') + (reload === undefined ? '' : `# ${reload.detail}\n`),
  };
}

function withNotes(
  project: string,
  [live, declared]: readonly [DeclaredSide, DeclaredSide],
  notes: ReadonlyMap<AppKey, Notes>,
): readonly [DeclaredSide, DeclaredSide] {
  const noted = (side: DeclaredSide, of: keyof Notes): DeclaredSide => ({
    ...side,
    apps: new Map(
      [...side.apps].map(([name, app]) => {
        const note = notes.get(appKey(project, name))?.[of] ?? '';
        return [name, note === '' ? app : { ...app, note: app.note + note }];
      }),
    ),
  });
  return [noted(live, 'live'), noted(declared, 'declared')];
}

/** What one side of a comparison declares of a project: `revision-41`, or `live`. */
export interface DeclaredSide {
  readonly name: string;
  readonly apps: ReadonlyMap<string, Side>;
}

/** A declaration as it was accepted. */
export function revisionSide(revision: number, specs: readonly AppSpec[]): DeclaredSide {
  return { name: `revision-${revision}`, apps: sidesOf(specs) };
}

/** What is declared now, including what operators have overridden since. */
export function presentSide(project: string, live: readonly App[]): DeclaredSide {
  const apps = live.flatMap((app) =>
    app.project === project && app.spec !== null ? [[app.name, liveSide(app, app.spec)] as const] : [],
  );
  return { name: 'live', apps: new Map(apps) };
}

/** Compares two sides of one project, app by app in the order of their keys. */
export async function diffSides(
  project: string,
  [before, after]: readonly [DeclaredSide, DeclaredSide],
  isMeant: (name: string) => boolean,
): Promise<readonly AppDiff[]> {
  const diffs: AppDiff[] = [];
  for (const name of [...new Set([...before.apps.keys(), ...after.apps.keys()])].toSorted()) {
    if (!isMeant(name)) continue;
    const diff = await diffApp(appKey(project, name), [sideOf(before, name), sideOf(after, name)]);
    if (diff !== null) diffs.push(diff);
  }
  return diffs;
}

/** An app on one side: its declaration, including what an operator has overridden since. */
interface Side {
  readonly spec: AppSpec;
  /** A line on what no field of the spec shows; empty: none. */
  readonly note: string;
}

interface NamedSide {
  readonly name: string;
  /** null: the app is not there. */
  readonly side: Side | null;
}

function sideOf({ name, apps }: DeclaredSide, app: string): NamedSide {
  return { name, side: apps.get(app) ?? null };
}

function sidesOf(specs: readonly AppSpec[]): ReadonlyMap<string, Side> {
  return new Map(specs.map((spec) => [spec.name, { spec, note: '' }]));
}

function liveSide({ status: { override, drift = [] } }: App, spec: AppSpec): Side {
  const notes = drift.flatMap((one) => (one.kind === 'override' ? [`# ${driftText(one)}\n`] : []));
  // An older daemon says nothing of drift.
  if (notes.length === 0 && override?.run === 'stopped')
    notes.push(`# stopped by ${override.by} at ${override.at}\n`);
  return { spec: { ...spec, instances: override?.instances ?? spec.instances }, note: notes.join('') };
}

async function diffApp(
  key: AppKey,
  [before, after]: readonly [NamedSide, NamedSide],
): Promise<AppDiff | null> {
  const [one, other] = [before.side?.spec ?? null, after.side?.spec ?? null];
  const notes = [before.side?.note ?? '', after.side?.note ?? ''] as const;
  // Most apps are the same, and writing both sides out is slow.
  if (notes.every((note) => note === '') && sameValue(one, other)) return null;
  const [shown, shownAfter] = redactPair(one, other);
  const [from, to] = [notes[0] + (await yamlOf(shown)), notes[1] + (await yamlOf(shownAfter))];
  if (from === to) return null;
  const names = [
    one === null ? '/dev/null' : `${before.name}/${key}`,
    other === null ? '/dev/null' : `${after.name}/${key}`,
  ] as const;
  const kind = one === null ? 'added' : other === null ? 'removed' : 'changed';
  return { app: key, kind, diff: await patchOf(names, [from, to]) };
}

async function yamlOf(value: unknown): Promise<string> {
  return value === null ? '' : renderYaml(value);
}
