import { isEcosystemName } from '../../../config/read/find/file-names.ts';
import { usageError } from '../../session/failures.ts';
import { flagTokens } from './flag-tokens.ts';
import { DECLARED, PM2_FLAGS, VERBS, type Pm2Flag, type Pm2Group } from './pm2-flag-table.ts';

/** A command line without PM2's flags, and the notes about them. */
export interface WithoutPm2Flags {
  readonly argv: readonly string[];
  readonly notes: readonly string[];
  readonly silent: boolean;
}

/** Whether one of the command's own flags takes a value, by how it is typed; undefined: it is none of them. */
export type OwnFlags = (typed: string) => 'value' | 'none' | undefined;

/**
 * Takes out the flags that only PM2 has. Each gets a one-line note on what to do instead; a flag that must not be ignored
 * silently is refused: USAGE is thrown.
 */
export function takePm2Flags(argv: readonly string[], group: Pm2Group, own: OwnFlags): WithoutPm2Flags {
  const left: string[] = [];
  const notes: string[] = [];
  let silent = false;
  const known = (flag: string): Pm2Flag | undefined =>
    PM2_FLAGS.find(({ names, groups }) => names.includes(flag) && groups.includes(group));
  const takesValue = (flag: string, next: string | undefined): boolean => {
    if (flag === '-f' && known('-f') !== undefined) return next !== undefined && isFileName(next);
    return own(flag) === 'value' || known(flag)?.takesValue === true;
  };
  for (const { flag, value, raw } of flagTokens(argv, takesValue)) {
    const found = flag === null || (flag === '-f' && value !== undefined) ? undefined : known(flag);
    if (flag !== null && isSilence(flag, group)) silent = true;
    else if (flag === null || found === undefined) left.push(...(asOwn(flag, value, group) ?? raw));
    else if (found.refused) throw usageError(`${flag} is a flag of PM2`, found.says);
    else if (found.says !== '') notes.push(`${flag}: ${found.says}`);
    if (flag !== null) refuseDeclared(flag, group, own);
  }
  return { argv: left, notes, silent };
}

const FORMATS: readonly string[] = ['table', 'wide', 'json', 'yaml', 'name'];

/** Flags of `start` that mean something else in PM2, told by their values: log files, and what is watched. */
function asOwn(
  flag: string | null,
  value: string | undefined,
  group: Pm2Group,
): readonly string[] | undefined {
  if (group !== 'start' || value === undefined) return undefined;
  if ((flag === '-o' || flag === '--output') && !FORMATS.includes(value)) return ['--out-file', value];
  if (flag === '-e' && !/^\w+=/.test(value) && /[./]|^NULL$/.test(value)) return ['--error-file', value];
  if (flag === '--watch' && value !== 'true' && value !== 'false') return ['--watch-paths', value];
  return undefined;
}

function refuseDeclared(flag: string, group: Pm2Group, own: OwnFlags): void {
  const name = flag.replace(/^--(no-)?/, '');
  const isVerb = group === 'renew' || group === 'verb';
  if (!isVerb || !flag.startsWith('--') || !DECLARED.includes(name) || own(flag) !== undefined) return;
  const key = name.replaceAll('-', '_');
  throw usageError(
    `${flag} changes what is declared`,
    `set ${key} in the ecosystem file and apply it, or start the script again with ${flag}`,
  );
}

function isSilence(flag: string, group: Pm2Group): boolean {
  return VERBS.includes(group) && (flag === '-s' || flag === '--silent');
}

/** `-f FILE` names a file here, and `-f` alone forces in PM2. */
function isFileName(word: string): boolean {
  return word === '-' || /^\.{1,2}(\/|$)|\/$/.test(word) || isEcosystemName(word);
}
