import type { CommandClass } from '../command-class.ts';
import type { CommandEntry, CommandTable } from '../command-entry.ts';

/** A flag as help, the manual and completion tell of it. */
export interface FlagPage {
  /** Without dashes. */
  readonly name: string;
  readonly char?: string;
  readonly description: string;
  readonly takesValue: boolean;
  /** What its value is called: FILE, NAME. */
  readonly value?: string;
  /** The values that it can have, where they are few. */
  readonly options?: readonly string[];
  /** There is a `--no-name` too, and it is on without being given. */
  readonly canBeOff: boolean;
  readonly repeats: boolean;
  readonly preset?: string;
  readonly isGlobal: boolean;
}

export interface ArgPage {
  readonly name: string;
  readonly description: string;
}

/** Everything that is said of a command. */
export interface CommandPage {
  /** As it is typed: `daemon start`. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly isHidden: boolean;
  readonly changesNothing: boolean;
  readonly summary: string;
  readonly description: string;
  readonly usage: readonly string[];
  readonly examples: readonly string[];
  readonly args: readonly ArgPage[];
  /** More words may follow than it has arguments. */
  readonly takesMore: boolean;
  readonly flags: readonly FlagPage[];
}

/** The pages of all commands, in the order of their names. */
export async function allPages(commands: CommandTable): Promise<readonly CommandPage[]> {
  return Promise.all(Object.entries(commands).map(([id, entry]) => pageOf(id, entry)));
}

export async function pageOf(
  id: string,
  { aliases, changesNothing, load }: CommandEntry,
): Promise<CommandPage> {
  const { default: command } = await load();
  const name = id.replace(':', ' ');
  return {
    name,
    aliases,
    isHidden: isSet(command.hidden),
    changesNothing,
    summary: command.summary ?? '',
    description: command.description ?? '',
    usage: usageOf(name, command),
    examples: examplesOf(command).map((example) =>
      example.replaceAll('<%= config.bin %>', 'stateward').replaceAll('<%= command.id %>', name),
    ),
    args: Object.entries(command.args).map(([arg, { description }]) => ({
      name: arg,
      description: description ?? '',
    })),
    takesMore: !command.strict,
    flags: await Promise.all(
      Object.entries({ ...command.baseFlags, ...command.flags })
        .filter(([, flag]) => flag.hidden !== true)
        .map(([flag, declared]) => flagPage(flag, declared)),
    ),
  };
}

/** oclif's types say less than there may be: what a class does not say is undefined, and examples may be objects. */
function isSet(value: unknown): boolean {
  return value === true;
}

function examplesOf({ examples }: { readonly examples?: unknown }): readonly string[] {
  return Array.isArray(examples) ? examples.filter((one): one is string => typeof one === 'string') : [];
}

function usageOf(name: string, { usage, args, strict }: CommandClass): readonly string[] {
  if (usage !== undefined) return [usage].flat();
  const words = Object.entries(args).map(([arg, { required }], index, all) => {
    const more = !strict && index === all.length - 1 ? '...' : '';
    return required === true ? `${arg.toUpperCase()}${more}` : `[${arg.toUpperCase()}${more}]`;
  });
  return [[name, ...words, '[FLAGS]'].join(' ')];
}

type Declared = CommandClass['flags'][string];

async function flagPage(name: string, flag: Declared): Promise<FlagPage> {
  const takesValue = flag.type === 'option';
  const options = takesValue ? flag.options : undefined;
  const preset = await presetOf(flag);
  const value = takesValue ? (flag.helpValue ?? 'VALUE') : undefined;
  return {
    name,
    ...(flag.char !== undefined && { char: flag.char }),
    description: flag.description ?? flag.summary ?? '',
    takesValue,
    ...(value !== undefined && { value: [value].flat().join(' ') }),
    ...(options !== undefined && { options }),
    canBeOff: flag.type === 'boolean' && isSet(flag.allowNo),
    repeats: takesValue && isSet(flag.multiple),
    ...(preset !== undefined && { preset }),
    isGlobal: flag.helpGroup === 'GLOBAL',
  };
}

/** What it is without being given, as text. */
async function presetOf(flag: Declared): Promise<string | undefined> {
  if (flag.type !== 'option') return undefined;
  const { defaultHelp, default: value } = flag as {
    readonly defaultHelp?: unknown;
    readonly default?: unknown;
  };
  const told: unknown =
    typeof defaultHelp === 'function' ? await (defaultHelp as () => unknown)() : (defaultHelp ?? value);
  return typeof told === 'string' || typeof told === 'number' ? String(told) : undefined;
}
