import type { parse } from '@oclif/core/parser';

/** One flag with its value, or one word, of a command line; `raw` is how it was typed. */
export interface FlagToken {
  /** `--name` or `-n`; null: a word. */
  readonly flag: string | null;
  /** Undefined: the flag has none. */
  readonly value: string | undefined;
  readonly raw: readonly string[];
}

/** Whether a flag takes a value, `next` being the word behind it. */
export type TakesValue = (flag: string, next: string | undefined) => boolean;

/** Splits what stands before `--` into flags with their values, and words. */
export function flagTokens(argv: readonly string[], takesValue: TakesValue): readonly FlagToken[] {
  const tokens: FlagToken[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? '';
    const next = argv[index + 1];
    const joined = joinedValue(argument, takesValue);
    if (!/^-./.test(argument)) tokens.push({ flag: null, value: undefined, raw: [argument] });
    else if (joined !== null) tokens.push({ ...joined, raw: [argument] });
    else if (next !== undefined && takesValue(argument, next)) {
      tokens.push({ flag: argument, value: next, raw: [argument, next] });
      index += 1;
    } else tokens.push({ flag: argument, value: undefined, raw: [argument] });
  }
  return tokens;
}

/** `--name=value`, `-n=value` and `-nvalue`. */
function joinedValue(argument: string, takesValue: TakesValue): Omit<FlagToken, 'raw'> | null {
  const long = /^(--[^=]+)=(.*)$/s.exec(argument);
  if (long !== null) return { flag: long[1] ?? '', value: long[2] ?? '' };
  const short = /^(-[A-Za-z])=?(.+)$/s.exec(argument);
  const [, flag = '', value = ''] = short ?? [];
  return short !== null && takesValue(flag, value) ? { flag, value } : null;
}

type Parsed = Pick<Awaited<ReturnType<typeof parse>>, 'argv'> &
  Partial<Pick<Awaited<ReturnType<typeof parse>>, 'raw' | 'nonExistentFlags'>>;

/** Words of a line as they were typed: `argv` has a word that is given twice beside its first one, wherever it stands. */
export function wordsInOrder({ argv, raw, nonExistentFlags }: Parsed): readonly string[] {
  // What looks like a flag and is none, such as -1, is in no token; plain lines are parsed without tokens, and in order.
  if (raw === undefined || (nonExistentFlags ?? []).length > 0) return argv.map(String);
  return raw.flatMap((token) => (token.type === 'arg' ? [token.input] : []));
}
