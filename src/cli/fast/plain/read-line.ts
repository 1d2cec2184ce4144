import type { PlainFlag } from './flags.ts';
import { isEcosystemName } from '../../../config/read/find/file-names.ts';
import { NotPlain } from './not-plain.ts';

/** What a command declares of its line. */
export interface LineShape {
  readonly flags: Readonly<Record<string, PlainFlag>>;
  readonly args: Readonly<Record<string, unknown>>;
  readonly strict?: boolean;
}

export interface PlainLine {
  readonly flags: Readonly<Record<string, unknown>>;
  readonly words: readonly string[];
}

/**
 * Reads a command line that nobody can misread: whole flags, each once, with values that do not look like flags, and words
 * that cannot be files. Throws NotPlain for every other, and for whatever may be wrong: oclif reads those, and complains.
 */
export async function readLine(
  argv: readonly string[],
  { flags, args, strict = true }: LineShape,
): Promise<PlainLine> {
  const given = new Map<string, unknown>();
  const words: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const word = argv[index] ?? '';
    if (!word.startsWith('-')) {
      if (isMaybeFile(word)) throw new NotPlain();
      words.push(word);
      continue;
    }
    const { name, flag, joined, isNo } = flagTyped(word, flags);
    if (flag.type === 'boolean') {
      if (joined !== null || given.has(name)) throw new NotPlain();
      given.set(name, !isNo);
      continue;
    }
    const input = joined ?? argv[(index += 1)] ?? '';
    const value = await valueOf(name, flag, input);
    const before = given.get(name);
    if (flag.multiple === true) given.set(name, [...((before ?? []) as readonly unknown[]), value]);
    else if (before === undefined) given.set(name, value);
    else throw new NotPlain();
  }
  if (strict && words.length > Object.keys(args).length) throw new NotPlain();
  checkTogether(given, flags);
  const all = Object.entries(flags).map(
    ([name, flag]) => [name, given.get(name) ?? defaultOf(flag)] as const,
  );
  return { flags: Object.fromEntries(all), words };
}

interface FlagTyped {
  readonly name: string;
  readonly flag: PlainFlag;
  readonly joined: string | null;
  /** `--no-NAME`, of a flag that has that form. */
  readonly isNo: boolean;
}

/** Only its long name, or its letter with or without the value behind it. */
function flagTyped(word: string, flags: LineShape['flags']): FlagTyped {
  const [, long, longValue] = /^--([a-z][a-z-]*)(?:=(.*))?$/s.exec(word) ?? [];
  const [, letter, letterValue] = /^-([A-Za-z])(?:=?(.+))?$/s.exec(word) ?? [];
  const denied = long === undefined ? undefined : /^no-(.+)$/.exec(long)?.[1];
  const isNo = denied !== undefined && Object.hasOwn(flags, denied) && flags[denied]?.allowNo === true;
  const named = isNo ? denied : long;
  const name = named ?? Object.keys(flags).find((key) => letter !== undefined && flags[key]?.char === letter);
  const flag = name === undefined || !Object.hasOwn(flags, name) ? undefined : flags[name];
  if (name === undefined || flag === undefined) throw new NotPlain();
  return { name, flag, joined: longValue ?? letterValue ?? null, isNo };
}

async function valueOf(name: string, flag: PlainFlag, input: string): Promise<unknown> {
  const { options, delimiter, integer, parse } = flag;
  if (input === '' || input.startsWith('-')) throw new NotPlain();
  if (options !== undefined && !options.includes(input)) throw new NotPlain();
  if (delimiter !== undefined && (input.includes(delimiter) || input.includes('"'))) throw new NotPlain();
  if (integer !== undefined) {
    const number = Number(input);
    const { min = -Infinity, max = Infinity } = integer;
    if (!/^\d{1,9}$/.test(input) || number < min || number > max) throw new NotPlain();
    return number;
  }
  return parse === undefined ? input : parse(input, {}, { name });
}

function checkTogether(given: ReadonlyMap<string, unknown>, flags: LineShape['flags']): void {
  for (const name of given.keys()) {
    const { exclusive = [], dependsOn = [] } = flags[name] ?? {};
    if (exclusive.some((other) => given.has(other)) || !dependsOn.every((other) => given.has(other)))
      throw new NotPlain();
  }
}

function defaultOf({ type, default: value }: PlainFlag): unknown {
  return type === 'boolean' ? (value ?? false) : value;
}

/** Whether a word is, or may be, the name of an ecosystem file or of a folder, or names nothing. */
function isMaybeFile(word: string): boolean {
  return word === '' || /^[./]/.test(word) || isEcosystemName(word);
}
