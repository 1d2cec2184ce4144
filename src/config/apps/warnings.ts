import type { Failure } from '../../lib/failure.ts';
import { APP_FIELDS, ROOT_FIELDS } from '../../spec/generated/fields.ts';
import type { SpecNote } from '../../spec/normalise/normalise-context.ts';
import type { LoadedApp } from './check-project.ts';
import { mayBeOfPm2 } from '../read/find/file-names.ts';
import { appFailure } from '../shape/declared-app.ts';
import type { App } from '../../spec/generated/ecosystem.ts';
import type { KeyClash } from '../shape/canonical-keys.ts';
import type { DeclaredFile } from '../shape/read-apps.ts';
import { failureAt, locate } from '../read/source.ts';

/** Names that a grouped warning lists. */
const LISTED_APPS = 20;

/** Keys that are accepted and do nothing: one warning for each key, at the first app that has it. */
export function noEffectWarnings(apps: readonly LoadedApp[]): readonly Failure[] {
  const users = new Map<string, LoadedApp[]>();
  for (const app of apps) {
    const { app: fields } = app.declared;
    for (const key of Object.keys(fields).filter((name) => isInert(name, fields[name as keyof App]))) {
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

/** Variables of the project, in a file that PM2 may have read before: there, they did nothing. */
export function projectEnvWarnings({ document, variables }: DeclaredFile): readonly Failure[] {
  const [key] = Object.keys(variables);
  if (key === undefined || !mayBeOfPm2(document.file)) return [];
  const place = locate(document.root, [key], 'key');
  const message = `PM2 ignores ${key} beside \`apps\`; here every app is given its variables`;
  const hint = 'leave it out to have the apps as under PM2';
  return [failureAt(document, place, { code: 'CONFIG_DIFFERS_FROM_PM2', message, hint })];
}

/** Keys beside the apps that are accepted: one warning for settings of apps, and one for keys that are not known. */
export function looseKeyWarnings({ document, looseKeys }: DeclaredFile): readonly Failure[] {
  const said = [
    {
      keys: looseKeys.misplaced,
      why: 'it belongs into each app, and PM2 ignores it here too',
      hint: looseKeys.misplaced.includes('name')
        ? 'a project is named with `project:`; what apps share is written below `defaults:`'
        : 'what apps share is written below `defaults:`',
    },
    { keys: looseKeys.strange, why: 'there is no such setting, and PM2 ignores it too', hint: undefined },
  ];
  return said.flatMap(({ keys, why, hint }) => {
    const [first, ...rest] = keys;
    if (first === undefined) return [];
    const place = locate(document.root, [first], 'key');
    const also = rest.length === 0 ? {} : { details: [`also ${rest.slice(0, LISTED_APPS).join(', ')}`] };
    const message = `${first} beside \`apps\` has no effect: ${why}`;
    const what = {
      code: 'CONFIG_NO_EFFECT',
      message,
      ...also,
      ...(hint === undefined ? {} : { hint }),
    } as const;
    return [failureAt(document, place, what)];
  });
}

/** One setting under two names: which of them counts. */
export function clashWarnings(apps: readonly LoadedApp[]): readonly Failure[] {
  const groups = new Map<string, { readonly clash: KeyClash; readonly apps: LoadedApp[] }>();
  for (const app of apps) {
    for (const clash of app.declared.clashes) {
      const id = `${clash.loser} ${clash.winner}`;
      const group = groups.get(id);
      if (group === undefined) groups.set(id, { clash, apps: [app] });
      else group.apps.push(app);
    }
  }
  return [...groups.values()].flatMap(({ clash: { winner, loser }, apps: [first, ...rest] }) => {
    if (first === undefined) return [];
    const message = `has no effect: ${winner} is the same setting, and wins, as in PM2`;
    const what = {
      code: 'CONFIG_NO_EFFECT',
      message,
      hint: 'leave one of them out',
      ...alsoIn(rest),
    } as const;
    return [appFailure({ ...first.declared, keys: new Map() }, { path: [loser], target: 'key' }, what)];
  });
}

/** A switch that is off needs no warning. */
function isInert(key: string, value: unknown): boolean {
  if (inertReason(key) === null || key === 'windowsHide' || key.startsWith('disable_')) return false;
  return value !== false && value !== 'false';
}

function inertReason(key: string): string | null {
  return APP_FIELDS[key]?.inert ?? null;
}

function warning(key: string, first: LoadedApp, rest: readonly LoadedApp[]): Failure {
  const message = `${key} has no effect: ${inertReason(key) ?? ''}`;
  const what = { code: 'CONFIG_NO_EFFECT', message, ...alsoIn(rest) } as const;
  return appFailure(first.declared, { path: [key], target: 'key' }, what);
}

/** Warnings from normalising the apps; one that many apps share is given once. */
export function noteWarnings(
  notes: readonly { readonly app: LoadedApp; readonly note: SpecNote }[],
): readonly Failure[] {
  const groups = new Map<string, { readonly note: SpecNote; readonly apps: LoadedApp[] }>();
  for (const { app, note } of notes) {
    const id = [note.path.join('.'), note.message, note.hint].join('\0');
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
