import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';

export type Fields = Readonly<Record<string, unknown>>;

/**
 * Something to tell at an app. `differs`: what a setting means here that it did not mean there. `unmapped`: a setting
 * that has no counterpart, with its value. `left-out`: what was left out on purpose. `advice`: what to look at.
 */
export interface Note {
  readonly kind: 'differs' | 'unmapped' | 'left-out' | 'advice';
  /** The field that it stands at; null: at the app. */
  readonly field: string | null;
  readonly text: string;
}

/** One app, as an ecosystem file will say it. */
export interface ImportedApp {
  readonly name: string;
  /** In the order in which they are written; `name` is not among them. Relative paths start at the file's folder. */
  readonly fields: Fields;
  readonly notes: readonly Note[];
  /** Variables that go to a file of their own. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Lines of YAML that stand commented out below the app. */
  readonly suggestions?: readonly string[];
  /** `${VAR}` in the texts is for stateward to expand. Absent: every text means itself. */
  readonly expands?: true;
}

/** What a file of another tool declares. */
export interface Imported {
  readonly apps: readonly ImportedApp[];
  /** Keys of the root beside the apps. */
  readonly root: Fields;
  /** Lines for the head of the file. */
  readonly head: readonly string[];
  readonly warnings: readonly Failure[];
}

export type ImportResult = Result<Imported, readonly Failure[]>;

/** What a converter is told beside the text. All folders are absolute. */
export interface ImportContext {
  /** The folder that the ecosystem file will be in. */
  readonly folder: string;
  /** The home of the user, for `~`; null: not known. */
  readonly home: string | null;
}

/** Nothing to import is a mistake that a person can mend. */
export function nothingIn(file: string, what: string, hint: string): Failure {
  return { code: 'CONFIG_MISSING_KEY', message: `${file} declares no ${what}`, hint, position: { file } };
}
