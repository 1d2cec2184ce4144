import { APP_FIELDS } from '../../spec/generated/fields.ts';
import { sameValue } from '../../spec/same-value.ts';

/** PM2's other names and the camelCase ones, with the name that they stand for. */
export const APP_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries(APP_FIELDS).flatMap(([name, field]) =>
    field.aliases.map((alias): [string, string] => [alias, name]),
  ),
);

export interface CanonicalApp {
  readonly app: Readonly<Record<string, unknown>>;
  /** Canonical key -> the key as it is written, where that differs. */
  readonly keys: ReadonlyMap<string, string>;
  /** Keys that say another thing under another name: [as written, the other one as written]. */
  readonly clashes: readonly (readonly [string, string])[];
}

/**
 * An app with its aliases resolved. The same setting under two names is accepted when both say the same. `null` is
 * "not set" everywhere but in maps of variables.
 */
export function canonicalKeys(raw: Readonly<Record<string, unknown>>): CanonicalApp {
  const app: Record<string, unknown> = {};
  const keys = new Map<string, string>();
  const clashes: (readonly [string, string])[] = [];
  for (const [key, value] of Object.entries(raw)) {
    if (value === null || value === undefined) continue;
    const name = APP_ALIASES.get(key) ?? key;
    if (Object.hasOwn(app, name) && !sameValue(app[name], value)) {
      clashes.push([key, keys.get(name) ?? name]);
      continue;
    }
    app[name] = value;
    if (name !== key) keys.set(name, key);
  }
  return { app, keys, clashes };
}
