import { APP_FIELDS, ROOT_FIELDS } from '../../spec/generated/fields.ts';
import { nearest } from '../../lib/nearest.ts';
import { APP_ALIASES } from './canonical-keys.ts';
import { rootKeys, type Plain } from './root-form.ts';

/** Variables for one environment. */
const OVERLAY = /^env_(?!file$)./;

export interface SortedRoot {
  /** What the schema is to look at: what it knows, and what is nearly that. */
  readonly known: Plain;
  /** Settings of an app that stand beside the apps. */
  readonly misplaced: readonly string[];
  /** Keys that are not known. */
  readonly strange: readonly string[];
}

/** PM2 accepts any key beside the apps and reads none. A key that is nearly one of ours is a mistake all the same. */
export function sortRoot(rest: Plain): SortedRoot {
  const misplaced: string[] = [];
  const strange: string[] = [];
  const known: [string, unknown][] = [];
  for (const [key, value] of Object.entries(rest)) {
    if (Object.hasOwn(ROOT_FIELDS, key) || key.startsWith('x-') || OVERLAY.test(key))
      known.push([key, value]);
    else if (isAppKey(key)) misplaced.push(key);
    else if (isNearlyKnown(key)) known.push([key, value]);
    else strange.push(key);
  }
  return { known: Object.fromEntries(known), misplaced, strange };
}

function isAppKey(key: string): boolean {
  return Object.hasOwn(APP_FIELDS, key) || APP_ALIASES.has(key);
}

function isNearlyKnown(key: string): boolean {
  const keys = rootKeys();
  return nearest(key, keys) !== null || keys.some((known) => key.toLowerCase().startsWith(known));
}
