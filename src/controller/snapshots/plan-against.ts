import type { SignedSnapshot } from '../../api/contract/wire/snapshots/host-snapshot.ts';
import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import type { PlanDocument, SnapshotInfo } from '../../api/contract/wire/plan.ts';
import { findWorkTree } from '../../code/git/work-tree.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import { ownValue } from '../../lib/collections.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { CodeIdentity } from '../../plan/model/code.ts';
import { redactSpec, REDACTED } from '../../spec/secrets/redact.ts';
import type { ProjectSpec } from '../../spec/types.ts';
import { frozenFailure } from '../../state/freezes/freeze.ts';
import type { ProjectRecord } from '../../state/model/types.ts';
import { tablesByApp, type HostSnapshot } from '../apply/host-snapshot.ts';
import { withNextRuns } from '../apply/next-runs.ts';
import { preview } from '../apply/preview.ts';
import { codeHere, type CodeHere } from './code-here.ts';
import { knownState, type KnownState } from './known-state.ts';
import { fillUnread } from './unread-variables.ts';
import { folderPairs, rebase, type FolderPair } from './rebase.ts';

export interface PlanAgainst {
  readonly snapshot: SignedSnapshot;
  readonly isVerified: boolean;
  /** Epoch milliseconds; what has an end, as a freeze, may be over by now. */
  readonly now: number;
}

/**
 * What an apply on the host of a snapshot would do with what is declared here. It is the plan of that moment: the declaration
 * is put where it lies on the host, its secrets are covered as they are in the snapshot, and the preview does the rest.
 */
export async function planAgainst(
  request: ApplyRequest,
  { snapshot, isVerified, now }: PlanAgainst,
): Promise<Result<PlanDocument, Failure>> {
  const state = knownState(snapshot);
  const found = await codeHere(
    request.projects.flatMap(({ project, source, apps }) =>
      apps.map((spec) => ({
        key: appKey(project, spec.name),
        spec,
        files: source.files.filter((file) => file !== '-'),
      })),
    ),
    tablesByApp(state.instances, state.histories),
  );
  const moving = request.projects.map((project) =>
    asOnHost(project, state.records.get(project.project), { snapshot, unread: request.unread ?? {} }),
  );
  const projects = moving.map(({ project }) => project);
  const open = new Map(moving.flatMap(({ open: ofProject }) => ofProject));
  const moved = { ...request, projects };
  const planned = await preview(moved, hostOf(state, found, snapshot));
  if (!planned.ok) return planned;
  const { document } = planned.value;
  const names = projects.map(({ project }) => project);
  const guard = document.guard ?? frozenFailure({ verb: 'apply', projects: names }, state.freezes, now);
  const against: SnapshotInfo = {
    host: snapshot.host.name,
    madeAt: snapshot.madeAt,
    version: snapshot.version,
    signature: isVerified ? 'verified' : 'unchecked',
    secretsNotCompared: secretsOf(projects, state),
    ...(open.size > 0 && {
      variablesNotCompared: Object.fromEntries([...open].map(([key, { variables }]) => [key, variables])),
    }),
    ...(request.specs === true && { specs: specsOf(projects, state) }),
    notes: [
      ...unknownProjects(projects, state),
      ...[...open].map(([key, one]) => openText(key, one)),
      ...found.notes,
    ],
  };
  return ok(await withNextRuns({ ...document, guard, against }, moved, now));
}

function hostOf(state: KnownState, { code, same }: CodeHere, snapshot: SignedSnapshot): HostSnapshot {
  const files = new Set([...state.records.values()].flatMap(({ source }) => source.files));
  const sources = new Set([...state.records.values()].map(({ source }) => source.origin?.source));
  // Code that is the same as here has the identity of what is here.
  const known = (key: AppKey, identity: CodeIdentity | undefined): { code?: CodeIdentity } => {
    if (identity === undefined) return {};
    const id = same.get(key)?.has(identity.id) === true ? code.identities.get(key)?.id : undefined;
    return { code: id === undefined ? identity : { ...identity, id } };
  };
  return {
    records: state.records,
    reachable: snapshot.reachable,
    instances: state.instances.map((instance) => ({ ...instance, ...known(instance.key, instance.code) })),
    histories: state.histories.map((history) => ({
      ...history,
      slots: history.slots.map((slot) => {
        const { code: lastCode } = known(history.key, slot.lastCode);
        return lastCode === undefined ? slot : { ...slot, lastCode };
      }),
    })),
    code,
    now: Date.parse(snapshot.madeAt),
    exists: (path) => files.has(path),
    isSource: (name) => sources.has(name),
  };
}

/** Variables of an app that are not known here, and the files that would say them. */
interface Open {
  readonly files: readonly string[];
  readonly variables: readonly string[];
}

function openText(key: AppKey, { files, variables }: Open): string {
  const what =
    variables.length === 0 ? 'what they say' : `what they say (on the host: ${variables.join(', ')})`;
  return `${key}: ${files.join(', ')} (env_file) can not be read here: ${what} is not known here and was not compared`;
}

/** The declaration as it would be read on the host, without its secrets. */
function asOnHost(
  declared: ProjectSpec,
  record: ProjectRecord | undefined,
  {
    snapshot: { host },
    unread,
  }: { readonly snapshot: SignedSnapshot; readonly unread: NonNullable<ApplyRequest['unread']> },
): { readonly project: ProjectSpec; readonly open: readonly (readonly [AppKey, Open])[] } {
  const pairs = [...pairsOf(declared, record), { here: homedir(), there: host.homeFolder }];
  const { source, apps, ...rest } = declared;
  const moved = rebase(source, pairs);
  const isSame = record !== undefined && moved.files.some((file) => record.source.files.includes(file));
  const open: [AppKey, Open][] = [];
  const filled = apps.map((app) => {
    const spec = redactSpec(rebase(app, pairs));
    const key = appKey(declared.project, app.name);
    const missing = unread[key];
    if (missing === undefined) return spec;
    const before = ownValue(record?.apps ?? {}, app.name)?.spec;
    const { spec: whole, variables } = fillUnread(spec, before, missing);
    open.push([key, { files: missing.files, variables }]);
    return whole;
  });
  // A source of the host declares what is merged into its repository.
  const origin = isSame ? record.source.origin : undefined;
  const project = {
    ...rest,
    source: origin === undefined ? moved : { ...moved, origin },
    apps: filled,
  };
  return { project, open };
}

/** Both sides of the projects that are declared. */
function specsOf(
  declared: readonly ProjectSpec[],
  { records }: KnownState,
): NonNullable<SnapshotInfo['specs']> {
  const live = declared.map(({ project }) => ({
    project,
    apps: Object.values(records.get(project)?.apps ?? {}).map(({ spec }) => spec),
  }));
  return { live, declared: declared.map(({ project, apps }) => ({ project, apps })) };
}

/** By the files of the same name: the first here that is found there, else the first of both. */
function pairsOf({ source }: ProjectSpec, record: ProjectRecord | undefined): readonly FolderPair[] {
  const there = (record?.source.files ?? []).filter((file) => file !== '-');
  const [first] = there;
  if (first === undefined) return [];
  const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
  return source.files
    .filter((file) => file !== '-')
    .flatMap((here) => {
      const other = there.find((file) => baseName(file) === baseName(here)) ?? first;
      return folderPairs({ here, there: other }, findWorkTree(dirname(here))?.root ?? null);
    });
}

/** A project that the host does not have, while its name follows from a folder: in a checkout that is another folder. */
function unknownProjects(projects: readonly ProjectSpec[], { records }: KnownState): readonly string[] {
  return projects.flatMap(({ project, source }) =>
    records.has(project) || source.named === true
      ? []
      : [
          `${project} is not on the host, and is called after a folder here: name the project in the file (project: NAME)`,
        ],
  );
}

/** Fields that are covered on both sides: whether they differ is not known. */
function secretsOf(
  projects: readonly ProjectSpec[],
  { records }: KnownState,
): SnapshotInfo['secretsNotCompared'] {
  const found = projects.flatMap(({ project, apps }) =>
    apps.flatMap((spec) => {
      const before = ownValue(records.get(project)?.apps ?? {}, spec.name)?.spec;
      const paths = before === undefined ? [] : coveredIn(spec, before, []).toSorted();
      return paths.length === 0 ? [] : [[appKey(project, spec.name), paths] as const];
    }),
  );
  return Object.fromEntries(found);
}

function coveredIn(after: unknown, before: unknown, path: readonly string[]): readonly string[] {
  if (typeof after === 'string') {
    const isCovered = typeof before === 'string' && after.includes(REDACTED) && before.includes(REDACTED);
    return isCovered ? [path.join('.')] : [];
  }
  if (typeof after !== 'object' || after === null || typeof before !== 'object' || before === null) return [];
  return Object.entries(after).flatMap(([name, inner]: [string, unknown]) =>
    coveredIn(inner, ownValue(before as Readonly<Record<string, unknown>>, name), [...path, name]),
  );
}
