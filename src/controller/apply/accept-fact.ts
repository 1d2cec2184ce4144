import { ownValue } from '../../lib/collections.ts';
import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import { viewHost } from '../../plan/model/host-view.ts';
import type { InstanceExit } from '../../plan/model/observed.ts';
import { isFromOutside } from '../../plan/slots/exits.ts';
import { isScheduled } from '../../plan/slots/schedule.ts';
import { isDownByItself } from '../../plan/slots/slot.ts';
import { classifySlots } from '../../plan/slots/slots.ts';
import { sharesFile } from '../../plan/guards/origin.ts';
import { templateHash } from '../../spec/hash.ts';
import { mapPieces, type Pieces } from '../../lib/turns/pieces.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import type { AppSpec, ProjectSource, ProjectSpec } from '../../spec/types.ts';
import { desiredApps } from '../../state/desired/desired.ts';
import type { AppRecord, Fact, ProjectRecord } from '../../state/model/types.ts';
import type { HostSnapshot } from './host-snapshot.ts';

export type AcceptFact = Extract<Fact, { kind: 'project-accepted' }>;

/** The fact that a declared project is committed as. */
export function* acceptFact(
  { project, source: given, apps: declaredApps }: ProjectSpec,
  { prune, only, restart, by, keepOrigin = false, readFrom }: ApplyRequest,
  host: HostSnapshot,
): Pieces<AcceptFact> {
  const { records, now: at } = host;
  const record = records.get(project);
  const known = record?.apps ?? {};
  const source =
    keepOrigin && record !== undefined ? { ...record.source, env: given.env } : withFollower(given, record);
  const hashes: [string, string][] = [];
  // A spec that says the same as before is the same object as before, with its hash: whatever compares it later on is
  // done at the first look.
  const apps = yield* mapPieces(declaredApps, (spec) => {
    const app = ownValue(known, spec.name);
    const isSame = app !== undefined && sameValue(app.spec, spec);
    hashes.push([spec.name, isSame ? app.templateHash : hashBeside(app, spec)]);
    return isSame ? app.spec : spec;
  });
  const spec = { project, source, apps };
  const templateHashes = Object.fromEntries(hashes);
  const afresh = appsToBeginAfresh(project, host);
  const accepted = {
    ...({ kind: 'project-accepted', spec, templateHashes, prune, only, at } as const),
    ...(afresh.length > 0 && { afresh }),
    // Whoever goes back to what was declared before has not touched the file.
    readFrom: keepOrigin ? record?.readFrom : readFrom?.[project],
  };
  return restart === undefined ? accepted : { ...accepted, restart: restartRequest(restart, by, at) };
}

/** A followed file that is applied by hand stays the file of its source. */
function withFollower(given: ProjectSource, record: ProjectRecord | undefined): ProjectSource {
  const origin = record?.source.origin;
  const isSame = origin !== undefined && origin.commit === undefined && record !== undefined;
  if (!isSame || given.origin !== undefined || !sharesFile(record.source, given)) return given;
  return { ...given, origin };
}

/**
 * An apply is a person's word: apps that are down because of how they ended are started as if they had not.
 */
function appsToBeginAfresh(
  project: string,
  { records, instances, histories, now }: HostSnapshot,
): readonly string[] {
  const isBad = (exit: InstanceExit | null): boolean => exit !== null && !isFromOutside(exit);
  const suspects = new Set([
    ...histories.filter(({ slots }) => slots.some(({ lastExit }) => isBad(lastExit))).map(({ key }) => key),
    ...instances.filter(({ exit }) => isBad(exit)).map(({ key }) => key),
  ]);
  const record = suspects.size === 0 ? undefined : records.get(project);
  if (record === undefined) return [];
  // As the apply leaves them: apps that were stopped by hand are to run again.
  const apps = desiredApps(new Map([[project, record]]))
    .filter(({ key }) => suspects.has(key))
    .map((app) => ({ ...app, override: null }));
  const history = histories.filter(({ key }) => suspects.has(key));
  const view = viewHost(apps, { reachable: true, instances, history, accepted: [] }).host;
  return apps.flatMap((app) => {
    if (isScheduled(app.spec)) return [];
    const table = { instances: view.instancesOf(app.key), history: view.historyOf(app.key) };
    const isDown = classifySlots(app, table, now).slots.some((slot) => isDownByItself(slot, app));
    return isDown ? [app.spec.name] : [];
  });
}

function restartRequest(
  { verb, now }: NonNullable<ApplyRequest['restart']>,
  by: string,
  at: number,
): NonNullable<AcceptFact['restart']> {
  const reason = verb === 'reload' ? 'ReloadRequested' : 'RestartRequested';
  return { reason, detail: `asked for by ${by}`, at, ...(now === true && { now }) };
}

/**
 * The hash of a spec. When it differs from the one before by the name of the app alone, the one before is kept.
 */
function hashBeside(app: AppRecord | undefined, spec: AppSpec): string {
  const names = (app?.formerly ?? []).map((key) => splitAppKey(key).name);
  const isKept = names.some((name) => templateHash({ ...spec, name }) === app?.templateHash);
  return isKept && app !== undefined ? app.templateHash : templateHash(spec);
}
