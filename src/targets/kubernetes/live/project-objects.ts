import { appKey, type AppKey } from '../../../lib/app-key.ts';
import { groupBy } from '../../../lib/collections.ts';
import type { AppSpec } from '../../../spec/types.ts';
import { objectName } from '../names.ts';
import { isWorkload, type AppObjects, type ComparedObject } from './app-objects.ts';
import { configMapsOf, templateOf } from './differences.ts';
import { at } from './fields.ts';
import { annotatedApp, appNameOf, objectKey, type LiveObject } from './live-object.ts';

/** What there is of one project, and what its file says. */
export interface ProjectObjects {
  readonly project: string;
  readonly apps: readonly AppSpec[];
  readonly compared: readonly ComparedObject[];
  /** Objects that carry the labels of the project and were applied by stateward. */
  readonly owned: readonly LiveObject[];
  /** ReplicaSets and ControllerRevisions: what earlier pods were made from. */
  readonly histories: readonly LiveObject[];
}

/** Which of the apps of a project count, and whether what the file does not name goes. */
export interface ProjectScope {
  readonly prune: boolean;
  /** null: all of them. */
  readonly only: readonly string[] | null;
}

/** The objects of each app, in the order of their keys: those of the file, and with `prune` those that are gone from it. */
export function appObjects(
  { project, apps, compared, owned, histories }: ProjectObjects,
  { prune, only }: ProjectScope,
): readonly AppObjects[] {
  const declared = new Map(apps.map((spec) => [objectName(spec.name), spec]));
  const there = groupBy(ofProject(owned, project), appNameOf);
  const asked = groupBy(compared, ({ object }) => appNameOf(object));
  const needed = new Set([
    ...histories.flatMap((history) => configMapsOf(historyTemplate(history))),
    ...owned.filter(isWorkload).flatMap((object) => configMapsOf(templateOf(object))),
  ]);
  const names = [...new Set([...declared.keys(), ...there.keys()])];
  return names
    .map((name): AppObjects => {
      const spec = declared.get(name) ?? null;
      const own = asked.get(name) ?? [];
      const keys = new Set(own.map(({ object }) => objectKey(object)));
      const rest = (there.get(name) ?? []).filter((object) => !keys.has(objectKey(object)));
      const stays = (object: LiveObject): boolean =>
        spec !== null && object.kind === 'ConfigMap' && needed.has(object.metadata.name);
      return {
        key: keyOf(project, spec?.name, there.get(name) ?? [], name),
        spec,
        compared: own,
        stale: prune ? rest.filter((object) => !stays(object)) : [],
        kept: prune ? rest.filter(stays) : rest,
      };
    })
    .filter(({ key, spec, stale }) => {
      const isMeant = only === null || only.includes(key.slice(key.indexOf('/') + 1));
      return isMeant && (spec !== null || stale.length > 0);
    })
    .toSorted((a, b) => (a.key < b.key ? -1 : 1));
}

/** Two projects can have one label, as `a b` and `a-b`: what says that it is of the other is not of this one. */
function ofProject(owned: readonly LiveObject[], project: string): readonly LiveObject[] {
  const others = new Set(
    owned.filter((object) => annotatedApp(object)?.startsWith(`${project}/`) === false).map(appNameOf),
  );
  return owned.filter((object) => !others.has(appNameOf(object)));
}

/** The app as the file calls it, or as it was called when it was applied. */
function keyOf(
  project: string,
  declared: string | undefined,
  there: readonly LiveObject[],
  name: string,
): AppKey {
  if (declared !== undefined) return appKey(project, declared);
  return there.map(annotatedApp).find((key) => key !== undefined) ?? appKey(project, name);
}

/** What a ReplicaSet or a ControllerRevision has pods made from. */
export function historyTemplate(history: LiveObject): unknown {
  return at(history, 'spec', 'template') ?? at(history, 'data', 'spec', 'template');
}
