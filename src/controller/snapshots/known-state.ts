import type { SignedSnapshot } from '../../api/contract/wire/snapshots/host-snapshot.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import { templateHash } from '../../spec/hash.ts';
import { releaseOf } from '../../spec/release-paths.ts';
import { completeSpec } from '../../spec/defaults.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { AppHistory, AppRecord, ProjectRecord } from '../../state/model/types.ts';
import type { Freeze } from '../../state/freezes/freeze.ts';
import { escaped, mapTexts } from './rebase.ts';

/** The state of a host, as a snapshot tells it. */
export interface KnownState {
  readonly records: Projects;
  readonly instances: readonly ObservedInstance[];
  readonly histories: readonly AppHistory[];
  readonly freezes: readonly Freeze[];
}

/**
 * The names that stand for hashes become hashes again: of the specs as they are in the snapshot, without secrets and with the
 * defaults of this version. Releases of a git source lie in folders of their own, so all are taken for the newest.
 */
export function knownState(snapshot: SignedSnapshot): KnownState {
  const records = snapshot.projects
    .map((record) => inOneRelease(record as unknown as ProjectRecord))
    .map(completed);
  const hashes = new Map<string, string>();
  for (const { apps } of records) {
    for (const app of Object.values(apps)) {
      const previous = app.rollout?.previous;
      if (previous != null) hashes.set(previous.templateHash, templateHash(previous.spec));
      hashes.set(app.templateHash, templateHash(app.spec));
    }
  }
  const named = <T>(value: T): T => mapTexts(value, (text) => hashes.get(text) ?? text) as T;
  return {
    records: new Map(records.map((record) => [record.project, named(record)])),
    instances: named(instancesOf(snapshot)),
    histories: named(snapshot.histories as unknown as readonly AppHistory[]),
    freezes: snapshot.freezes as unknown as readonly Freeze[],
  };
}

/** A release is no work tree: of which commit a process of a git source runs says the folder that its app runs from. */
function instancesOf({ projects, instances }: SignedSnapshot): readonly ObservedInstance[] {
  const commits = new Map<string, string>();
  for (const { source, apps } of projects as unknown as readonly ProjectRecord[]) {
    for (const { spec, templateHash: hash, rollout } of Object.values(apps)) {
      const versions = [
        { spec, templateHash: hash },
        ...(rollout?.previous == null ? [] : [rollout.previous]),
      ];
      for (const version of versions) {
        const release = releaseOf(source, version.spec);
        if (release !== null) commits.set(version.templateHash, release.commit);
      }
    }
  }
  return (instances as unknown as readonly ObservedInstance[]).map((instance) => {
    const { code, templateHash: hash } = instance;
    const commit = commits.get(hash);
    if (code === undefined || code.commit !== undefined || commit === undefined) return instance;
    return { ...instance, code: { ...code, commit } };
  });
}

function completed(record: ProjectRecord): ProjectRecord {
  const apps = Object.entries(record.apps).map(([name, app]): [string, AppRecord] => [
    name,
    { ...app, spec: completeSpec(app.spec) },
  ]);
  return { ...record, apps: Object.fromEntries(apps) };
}

function inOneRelease(record: ProjectRecord): ProjectRecord {
  const { origin } = record.source;
  if (origin?.commit === undefined) return record;
  const folder = `/releases/${origin.source}/`;
  const newest = `${folder}${origin.commit}`;
  const pattern = new RegExp(`${escaped(folder)}[0-9a-f]{40,64}(?=/|$)`, 'g');
  const move = (text: string): string => text.replace(pattern, newest);
  return mapTexts(record, move) as ProjectRecord;
}
