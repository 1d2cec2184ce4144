import { APP_FIELDS } from '../../spec/generated/fields.ts';
import { sameValue } from '../../lib/values/same-value.ts';

/** PM2's other names and the camelCase ones, with the name that they stand for. */
export const APP_ALIASES: ReadonlyMap<string, string> = new Map(
  Object.entries(APP_FIELDS).flatMap(([name, field]) =>
    field.aliases.map((alias): [string, string] => [alias, name]),
  ),
);

/** One setting under two names that say different things, both as they are written. */
export interface KeyClash {
  readonly winner: string;
  readonly loser: string;
}

/** Names that PM2 reads first, and that are aliases here. */
const FIRST_IN_PM2: ReadonlySet<string> = new Set(['exec_interpreter', 'node_args']);

export interface CanonicalApp {
  readonly app: Readonly<Record<string, unknown>>;
  /** Canonical key -> the key as it is written, where that differs. */
  readonly keys: ReadonlyMap<string, string>;
  readonly clashes: readonly KeyClash[];
}

/**
 * An app with its aliases resolved. Of two names for one setting PM2's own wins, as in PM2. `null` is "not set"
 * everywhere but in maps of variables, and under a key that nobody knows.
 */
export function canonicalKeys(raw: Readonly<Record<string, unknown>>): CanonicalApp {
  const app: Record<string, unknown> = {};
  const keys = new Map<string, string>();
  const clashes: KeyClash[] = [];
  const given = Object.entries(raw).filter(
    ([key, value]) => value !== undefined && (value !== null || isStrange(key)),
  );
  for (const [key, value] of given.toSorted(([a], [b]) => rankOf(a) - rankOf(b))) {
    const name = APP_ALIASES.get(key) ?? key;
    if (Object.hasOwn(app, name)) {
      if (!sameValue(app[name], value)) clashes.push({ winner: keys.get(name) ?? name, loser: key });
      continue;
    }
    app[name] = value;
    if (name !== key) keys.set(name, key);
  }
  return { app, keys, clashes };
}

/** A key that no app has: null in it takes nothing away, and is a slip like any other value. */
function isStrange(key: string): boolean {
  return !Object.hasOwn(APP_FIELDS, key) && !APP_ALIASES.has(key) && !/^(?:env_|x-)/.test(key);
}

/** Which of the names of one setting counts: the lowest. */
export function rankOf(key: string): number {
  if (FIRST_IN_PM2.has(key)) return 0;
  return APP_ALIASES.has(key) ? 2 : 1;
}
