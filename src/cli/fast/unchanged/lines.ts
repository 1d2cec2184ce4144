import { fileFlags, scopeFlags, waitFlags } from '../../commands/base/flags.ts';
import { outputFlag } from '../../commands/base/output-format.ts';
import { boolean, string, type PlainFlag } from '../plain/flags.ts';
import { NotPlain } from '../plain/not-plain.ts';
import { readLine } from '../plain/read-line.ts';

/** Verbs that are about what ecosystem files declare. */
export type DeclaringVerb = 'apply' | 'plan' | 'diff' | 'validate';

/** A line that is about files as they are, and asks for nothing unusual. */
export interface DeclaringLine {
  readonly home: string | undefined;
  readonly noColor: boolean;
  readonly files: readonly string[];
  readonly env: string | null;
  readonly only: readonly string[] | null;
  readonly isJson: boolean;
  readonly waits: boolean;
  /** Whether the exit code says if something would change. */
  readonly isDetailed: boolean;
  readonly skipsHostChecks: boolean;
}

/** What flags are read here. Built into the command line, they are those of oclif; here they are plain (see flags.ts). */
const OF_ALL = {
  home: string({}),
  'no-color': boolean({}),
  file: fileFlags.file,
  env: fileFlags.env,
  output: outputFlag(['table', 'json']),
};

const OF_VERBS: Readonly<Record<DeclaringVerb, object>> = {
  apply: { only: scopeFlags.only, wait: waitFlags.wait, timeout: waitFlags.timeout },
  plan: { only: scopeFlags.only, 'detailed-exitcode': boolean({}) },
  diff: { only: scopeFlags.only },
  validate: { 'no-host-checks': boolean({}) },
};

/** Reads the words behind a verb. Throws NotPlain for all others, and for whatever may be wrong. */
export async function readDeclaringLine(
  verb: DeclaringVerb,
  argv: readonly string[],
): Promise<DeclaringLine> {
  const flags = { ...OF_ALL, ...OF_VERBS[verb] } as unknown as Readonly<Record<string, PlainFlag>>;
  const line = await readLine(argv, { flags, args: {} });
  const given = line.flags as {
    readonly file?: readonly string[];
    readonly env?: string;
    readonly only?: readonly string[];
    readonly home?: string;
  };
  if (line.words.length > 0) throw new NotPlain();
  return {
    home: given.home,
    noColor: line.flags['no-color'] === true,
    files: given.file ?? [],
    env: given.env ?? null,
    only: given.only ?? null,
    isJson: line.flags['output'] === 'json',
    waits: line.flags['wait'] !== false,
    isDetailed: line.flags['detailed-exitcode'] === true,
    skipsHostChecks: line.flags['no-host-checks'] === true,
  };
}
