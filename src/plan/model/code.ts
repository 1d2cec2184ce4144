import { rotatedSecrets } from './secrets.ts';

/** What an app runs, or would run if it were started now. */
export interface CodeIdentity {
  /** Equal for the same script at the same real path with the same content of everything that counts. */
  readonly id: string;
  /** The commit that is checked out where the code lies, in full; absent: it lies in no work tree. */
  readonly commit?: string;
  /** Absent: no branch is checked out, or it lies in no work tree. */
  readonly branch?: string;
  /** Some of the files that count differ from the commit. */
  readonly dirty?: true;
  /** The release that the file names. */
  readonly version?: string;
  /** Where the file has no code compared (`code: off`): what the identity would be otherwise. Absent: not known. */
  readonly aside?: string;
  /** Of the files that a reload has read again (`reload.on_change`): equal for the same content. Absent: not known. */
  readonly read?: string;
  /** A keyed hash of each value that a process gets from elsewhere (`from_file` ...), by variable. Absent: none is known. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** The same, in the place of `secrets`, where a reload has the app read them again. */
  readonly readSecrets?: Readonly<Record<string, string>>;
}

/** The code of an app differs from what its processes run. */
export interface CodeChange {
  /** What the most outdated process runs. */
  readonly before: CodeIdentity;
  readonly after: CodeIdentity;
  /** What is different: `12 files under api/`; empty: not known. */
  readonly note: string;
  /** Values that were rotated, by variable, in words: `env.DB_PASSWORD rotated (from_file /srv/db)`. Absent: none was. */
  readonly rotated?: Readonly<Record<string, string>>;
}

/** Whether a process of the one is to be replaced for the other. */
export function isOtherCode(before: CodeIdentity, after: CodeIdentity): boolean {
  return before.id !== after.id || rotatedSecrets(before, after).length > 0;
}

/** Whether nothing but values from elsewhere has changed. */
export function isRotation({ before, after }: Pick<CodeChange, 'before' | 'after'>): boolean {
  return before.id === after.id && rotatedSecrets(before, after).length > 0;
}

/** Code that has changed and that nobody compares, under the identities that it would have. */
export function asideIdentity(code: CodeIdentity | undefined): CodeIdentity | undefined {
  return code?.aside === undefined ? undefined : { ...code, id: code.aside };
}

const SHORT = 7;

/** As people write it: `68da218`, `68da218-dirty`, and the beginning of the identity where there is no commit. */
export function codeName({ commit, dirty, id }: CodeIdentity): string {
  if (commit === undefined) return id.slice(0, SHORT);
  return commit.slice(0, SHORT) + (dirty === true ? '-dirty' : '');
}

/** The names of two that differ; where their commits are the same, their content tells them apart. */
export function codeNames(before: CodeIdentity, after: CodeIdentity): readonly [string, string] {
  const [from, to] = [codeName(before), codeName(after)];
  if (from !== to) return [from, to];
  return [`${from}.${before.id.slice(0, SHORT)}`, `${to}.${after.id.slice(0, SHORT)}`];
}

/** `68da218 → e7c118e (12 files under api/)` */
export function describeCodeChange(change: CodeChange): string {
  const { before, after, note, rotated = {} } = change;
  const rotations = Object.values(rotated).join(', ');
  if (isRotation(change) && rotations !== '') return rotations;
  const [from, to] = codeNames(before, after);
  return `${from} → ${to}${note === '' ? '' : ` (${note})`}${rotations === '' ? '' : `, ${rotations}`}`;
}
