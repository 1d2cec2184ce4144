import type { SettingsAnswer } from '../../home/settings/settings-answer.ts';
import { SETTING_FIELDS, type SettingValues } from '../../home/settings/generated/setting-fields.ts';
import { settingProblems } from '../../home/settings/setting-problems.ts';
import { isObject } from '../../lib/checks.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { itemProblems } from '../declared/item-problems.ts';
import { validate } from '../generated/validate-settings.js';
import { inOrder } from '../read/in-order.ts';
import { LIMITS } from '../read/limits.ts';
import { decode } from '../read/read-document.ts';
import { readYaml } from '../read/read-yaml.ts';
import {
  failureAt,
  locate,
  positionOf,
  sourceFile,
  type SourceDocument,
  type SourcePath,
} from '../read/source.ts';
import { pathText } from '../shape/declared-app.ts';
import { toValue } from '../shape/to-value.ts';

export interface ReadSettingsOptions {
  /** The file as people know it. */
  readonly shown: string;
  /** Where paths in it begin, absolute. */
  readonly home: string;
}

/**
 * What the bytes of a config.yaml say. Everything that is wrong in it is told at once, each with its place. References to
 * variables are not expanded: a daemon and a shell would read them differently.
 */
export function readSettings(bytes: Uint8Array, { shown, home }: ReadSettingsOptions): SettingsAnswer {
  const document = documentOf(bytes, shown);
  if (!document.ok) return { ok: false, failures: document.error };
  if (document.value === null) return { ok: true, values: {}, places: {} };
  return readDocument(document.value, home);
}

/** null: it says nothing, or nothing but comments. */
function documentOf(bytes: Uint8Array, shown: string): Result<SourceDocument | null, readonly Failure[]> {
  const text = decode(sourceFile(shown, null), bytes);
  if (!text.ok) return err([text.error]);
  const source = sourceFile(shown, text.value);
  const { roots, failures } = readYaml(source);
  const [root, second] = roots;
  if (root === undefined) {
    const isEmpty = failures.length === 1 && failures[0]?.code === 'CONFIG_MISSING_KEY';
    return isEmpty ? ok(null) : err(failures);
  }
  if (second !== undefined) {
    const hint = 'remove the line --- that begins the second one';
    const message = 'settings are one document, and the file has several';
    return err([...failures, failureAt(source, second.span, { code: 'CONFIG_SYNTAX', message, hint })]);
  }
  return failures.length > 0 ? err(failures) : ok({ ...source, root, expands: false });
}

function readDocument(document: SourceDocument, home: string): SettingsAnswer {
  const { value, failures } = toValue(document, {}, new Set());
  if (failures.length > 0) return { ok: false, failures };
  const said = withoutNothing(value, []);
  const wrong = validate(said)
    ? []
    : itemProblems(validate.errors ?? [], said, { key: null, fields: SETTING_FIELDS });
  const problems = wrong.map(({ path, target, ...what }) => {
    const label = pathText(path);
    const message = label === '' ? what.message : `${label}: ${what.message}`;
    return failureAt(document, locate(document.root, path, target), { ...what, message });
  });
  if (problems.length > 0) return { ok: false, failures: inOrder(problems).slice(0, LIMITS.failures) };
  const values = valuesOf(said);
  const more = settingProblems(values, home).map(({ key, message, hint }) => {
    const at = locate(document.root, key.split('.'), 'value');
    const text = `${key}: ${message}`;
    return failureAt(document, at, {
      code: 'CONFIG_BAD_VALUE',
      message: text,
      ...(hint !== undefined && { hint }),
    });
  });
  if (more.length > 0) return { ok: false, failures: inOrder(more) };
  return { ok: true, values, places: placesOf(document, Object.keys(values)) };
}

/** A key with nothing behind it says nothing: what was below it may be commented out. One that is unknown stays, to be told. */
function withoutNothing(value: unknown, path: SourcePath): unknown {
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(
    ([key, inner]) => inner !== null || SETTING_FIELDS[[...path, key].join('.')] === undefined,
  );
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNothing(inner, [...path, key])]));
}

/** By dotted key: what has a place in the table and is no map. */
function valuesOf(said: unknown, prefix = ''): SettingValues {
  if (!isObject(said)) return {};
  const entries = Object.entries(said).flatMap(([key, value]) => {
    const name = `${prefix}${key}`;
    const field = SETTING_FIELDS[name];
    if (field === undefined) return [];
    return field.type === 'map' ? Object.entries(valuesOf(value, `${name}.`)) : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}

function placesOf(
  document: SourceDocument,
  keys: readonly string[],
): Record<string, { line: number; column: number }> {
  return Object.fromEntries(
    keys.flatMap((key) => {
      const place = locate(document.root, key.split('.'), 'value');
      if (place === null || 'anyOf' in place) return [];
      const { line, column } = positionOf(document, place.start);
      return [[key, { line, column }] as const];
    }),
  );
}
