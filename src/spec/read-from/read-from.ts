import { createHash } from 'node:crypto';
import { parseEnv } from 'node:util';
import { canonicalJson } from '../../lib/values/canonical-json.ts';

/** What a project was read from, as hashes: an edit is found without reading the files as a declaration. */
export interface ReadFrom {
  /** By absolute path: the bytes of its ecosystem files, of those merged over them and of those that apps of it extend. */
  readonly declared: Readonly<Record<string, string>>;
  /** By app, then by absolute path: the variables of each `env_file`. Absent: no app has one. */
  readonly env?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Where its settings stood in them. Absent: whoever read them did not say. */
  readonly lines?: SettingLines;
}

/**
 * By app, then by absolute path of a file (`-`: standard input): the line, from 1, of each setting that stands there (`script`,
 * `env.LEVEL`); 0: it is not known which.
 */
export type SettingLines = Readonly<
  Record<string, Readonly<Record<string, Readonly<Record<string, number>>>>>
>;

/** The same as long as no byte changes: 32 hex digits. */
export function hashOfBytes(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 32);
}

/** The same as long as the variables are: comments, blanks and their order do not count. */
export function hashOfVariables(variables: Readonly<Record<string, string>>): string {
  return hashOfBytes(Buffer.from(canonicalJson(variables)));
}

/** The variables that the text of an env file has. */
export function variablesOf(text: string): Readonly<Record<string, string>> {
  const variables = Object.entries(parseEnv(text.replace(/^\uFEFF/, '')));
  return Object.fromEntries(variables.map(([key, value]) => [key, value ?? '']));
}
