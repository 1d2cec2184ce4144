import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { ROOT_FIELDS } from '../../spec/generated/fields.ts';
import { APP_ALIASES } from './canonical-keys.ts';
import { failureAt, locate, type SourceDocument, type SourcePath } from '../read/source.ts';
import { staticApps } from './static-apps.ts';
import { foreignList, foreignMap, type ForeignRoot } from './foreign-root.ts';
import { nearest } from '../../lib/nearest.ts';

export interface FoundApp {
  readonly value: unknown;
  /** From the root of the file. */
  readonly path: SourcePath;
  /** Its key, where apps are a map: the name, unless it gives one. */
  readonly key: string | null;
  /** As in `AppPlace`. */
  readonly flat?: 'serve';
}

export interface RootForm {
  /** What the root has beside the apps. */
  readonly rest: Readonly<Record<string, unknown>>;
  readonly apps: readonly FoundApp[];
}

export type Plain = Readonly<Record<string, unknown>>;

/** The forms that PM2 takes: `{apps: [..]}`, `{pm2: [..]}`, `{apps: {..}}`, a bare list, one app; and its `static`. */
export function rootForm(document: SourceDocument, value: unknown): Result<RootForm, readonly Failure[]> {
  const form = formOfApps(document, value);
  if (!form.ok || form.value.rest['static'] === undefined) return form;
  const { static: servers, ...rest } = form.value.rest;
  return ok({ rest, apps: [...form.value.apps, ...staticApps(servers)] });
}

function formOfApps(document: SourceDocument, value: unknown): Result<RootForm, readonly Failure[]> {
  if (Array.isArray(value)) {
    const foreign = foreignList(value);
    return foreign === null
      ? ok({ rest: {}, apps: listed(value, []) })
      : err([foreignFailure(document, foreign)]);
  }
  if (!isPlain(value)) {
    const message = 'the file must be a map with `apps`, a list of apps, or one app';
    return err([failureAt(document, document.root.span, { code: 'CONFIG_WRONG_TYPE', message })]);
  }
  const key = ['apps', 'pm2'].find((name) => Object.hasOwn(value, name));
  if (key === undefined) return withoutApps(document, value);
  if (key === 'apps' && Object.hasOwn(value, 'pm2')) {
    const message = '`apps` and `pm2` are the same key';
    const span = locate(document.root, ['pm2'], 'key');
    return err([failureAt(document, span, { code: 'CONFIG_DUPLICATE_KEY', message })]);
  }
  const { [key]: apps, ...rest } = value;
  if (Array.isArray(apps)) return ok({ rest, apps: listed(apps, [key]) });
  if (isPlain(apps) && Array.isArray(apps['apps'])) {
    return ok({ rest, apps: listed(apps['apps'], [key, 'apps']) });
  }
  if (isPlain(apps) && hasScript(apps)) return ok({ rest, apps: [{ value: apps, path: [key], key: null }] });
  if (isPlain(apps)) return ok({ rest, apps: mapped(apps, key) });
  const span = locate(document.root, [key], 'value');
  const message = `${key} must be a list of apps`;
  return err([failureAt(document, span, { code: 'CONFIG_WRONG_TYPE', message })]);
}

function withoutApps(document: SourceDocument, value: Plain): Result<RootForm, readonly Failure[]> {
  if (hasScript(value)) {
    const { project, $schema: _schema, ...app } = value;
    const rest = project === undefined ? {} : { project };
    return ok({ rest, apps: [{ value: app, path: [], key: null }] });
  }
  // PM2 starts a file of nothing but servers.
  if (Object.hasOwn(value, 'static')) return ok({ rest: value, apps: [] });
  const foreign = foreignMap(value, document.file);
  if (foreign !== null) return err([foreignFailure(document, foreign)]);
  const similar = Object.keys(value).find((name) => nearest(name, ['apps']) !== null);
  const span = similar === undefined ? null : locate(document.root, [similar], 'key');
  return err([
    failureAt(document, span, {
      code: 'CONFIG_MISSING_KEY',
      message: similar === undefined ? 'the file has no `apps`' : `unknown key ${JSON.stringify(similar)}`,
      hint: similar === undefined ? 'write `apps:` with a list of apps' : 'did you mean apps?',
    }),
  ]);
}

function foreignFailure(document: SourceDocument, { what, hint }: ForeignRoot): Failure {
  const message = `this is ${what}, not an ecosystem file`;
  return failureAt(document, null, { code: 'CONFIG_MISSING_KEY', message, hint });
}

function listed(apps: readonly unknown[], path: SourcePath): FoundApp[] {
  return apps.map((value, index) => ({ value, path: [...path, index], key: null }));
}

function mapped(apps: Plain, root: string): FoundApp[] {
  return Object.entries(apps).map(([key, value]) => ({ value, path: [root, key], key }));
}

/** Whether a map is one app. Where what stands there is a map itself, it is an app that is called so. */
function hasScript(value: Plain): boolean {
  return Object.entries(value).some(
    ([key, script]) => (APP_ALIASES.get(key) ?? key) === 'script' && !isPlain(script),
  );
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Keys that the root may have. */
export function rootKeys(): readonly string[] {
  return Object.keys(ROOT_FIELDS).filter((name) => !name.includes('<'));
}
