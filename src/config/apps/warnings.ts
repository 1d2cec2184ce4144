import type { Failure } from '../../lib/failure.ts';
import { APP_FIELDS, ROOT_FIELDS } from '../../spec/generated/fields.ts';
import type { SpecNote } from '../../spec/normalise/normalise-context.ts';
import type { LoadedApp } from './check-project.ts';
import { appFailure } from '../shape/declared-app.ts';
import type { DeclaredFile } from '../shape/read-apps.ts';
import { failureAt, locate } from '../read/source.ts';

/** Names that a grouped warning lists. */
const LISTED_APPS = 20;

/** Keys that are accepted and do nothing: one warning for each key, at the first app that has it. */
export function noEffectWarnings(apps: readonly LoadedApp[]): readonly Failure[] {
  const users = new Map<string, LoadedApp[]>();
  for (const app of apps) {
    for (const key of Object.keys(app.declared.app).filter((name) => inertReason(name) !== null)) {
      const others = users.get(key);
      if (others === undefined) users.set(key, [app]);
      else others.push(app);
    }
  }
  return [...users].flatMap(([key, [first, ...rest]]) =>
    first === undefined ? [] : [warning(key, first, rest)],
  );
}

/** The same for keys at the root of a file. */
export function rootWarnings({ document, rootKeys }: DeclaredFile): readonly Failure[] {
  return rootKeys.flatMap((key) => {
    const inert = ROOT_FIELDS[key]?.inert ?? null;
    if (inert === null) return [];
    const span = locate(document.root, [key], 'key');
    return [
      failureAt(document, span, { code: 'CONFIG_NO_EFFECT', message: `${key} has no effect: ${inert}` }),
    ];
  });
}

function inertReason(key: string): string | null {
  return APP_FIELDS[key]?.inert ?? null;
}

function warning(key: string, first: LoadedApp, rest: readonly LoadedApp[]): Failure {
  const message = `${key} has no effect: ${inertReason(key) ?? ''}`;
  const what = { code: 'CONFIG_NO_EFFECT', message, ...alsoIn(rest) } as const;
  return appFailure(first.declared, { path: [key], target: 'key' }, what);
}

/** Warnings that came up while the apps were normalised; the same one for many apps is said once. */
export function noteWarnings(
  notes: readonly { readonly app: LoadedApp; readonly note: SpecNote }[],
): readonly Failure[] {
  const groups = new Map<string, { readonly note: SpecNote; readonly apps: LoadedApp[] }>();
  for (const { app, note } of notes) {
    const id = `${note.path.join('.')}\0${note.message}`;
    const group = groups.get(id);
    if (group === undefined) groups.set(id, { note, apps: [app] });
    else group.apps.push(app);
  }
  return [...groups.values()].flatMap(({ note, apps: [first, ...rest] }) => {
    if (first === undefined) return [];
    const { code, message, hint, path } = note;
    const what = { code, message, ...(hint === undefined ? {} : { hint }), ...alsoIn(rest) };
    return [appFailure(first.declared, { path, target: 'key' }, what)];
  });
}

function alsoIn(apps: readonly LoadedApp[]): Pick<Failure, 'details'> {
  if (apps.length === 0) return {};
  const names = apps.slice(0, LISTED_APPS).map(({ spec }) => spec.name);
  const more = apps.length > LISTED_APPS ? [`and ${apps.length - LISTED_APPS} more`] : [];
  return { details: [`also in ${[...names, ...more].join(', ')}`] };
}
