import { Config } from '@oclif/core';
import type { Command, Interfaces } from '@oclif/core';
import type { BaseCommand } from './base-command.ts';
import type { CliContext } from './context.ts';
import type { ExitCode } from '../lib/exit-codes.ts';
import { EXIT } from '../lib/exit-codes.ts';

/** Commands by id, as oclif writes ids: `get`, `daemon:start`. */
export type CommandTable = Readonly<Record<string, CommandClass>>;

/** A command that can be made with a context; oclif's own way of running one is not used. */
export type CommandClass = Pick<
  typeof Command,
  'aliases' | 'hiddenAliases' | 'hidden' | 'args' | 'flags' | 'baseFlags' | 'strict' | 'examples'
> & {
  readonly summary?: string | undefined;
  readonly description?: string | undefined;
  readonly usage?: string | string[] | undefined;
  /** Exit code in place of 1, for a command whose 1 means something else. */
  readonly failedExit?: ExitCode;
  new (argv: string[], config: Config, context: CliContext): BaseCommand;
};

export interface OclifConfigOptions {
  readonly version: string;
  /** Folder that stands for the package's root. */
  readonly root: string;
  readonly commands: CommandTable;
  /** Describe every command, as help needs; running one does not. */
  readonly describe: boolean;
}

/** Help looks the same in every terminal, and in its snapshots. */
const HELP_WIDTH = 100;

const TOPICS = { daemon: { description: 'The daemon that keeps apps as declared.' } };

/**
 * An oclif configuration made of a table in memory: no package.json and no manifest is read, no plugin is looked for in
 * the user's folders, and nothing but what is in the table can ever run.
 */
export async function loadOclifConfig(options: OclifConfigOptions): Promise<Config> {
  const plugin = await rootPlugin(options);
  return Config.load({ root: options.root, plugins: new Map([[plugin.name, plugin]]) });
}

async function rootPlugin(options: OclifConfigOptions): Promise<Interfaces.Plugin> {
  const { version, root, commands, describe } = options;
  const name = 'stateward';
  const pjson = packageDescription(name, version);
  return {
    _base: name,
    alias: name,
    name,
    version,
    pjson,
    root,
    commandIDs: Object.keys(commands),
    commands: describe
      ? await Promise.all(Object.entries(commands).map(([id, command]) => describeCommand(id, command)))
      : [],
    commandsDir: undefined,
    findCommand: () => Promise.reject(new Error('commands are run from their table')),
    hasManifest: false,
    hooks: {},
    isRoot: true,
    load: () => Promise.resolve(),
    moduleType: 'commonjs',
    options: { root },
    topics: Object.entries(TOPICS).map(([topic, { description }]) => ({ name: topic, description })),
    type: 'core',
    valid: true,
  };
}

function packageDescription(name: string, version: string): Interfaces.PJSON {
  const { USAGE } = EXIT;
  return {
    name,
    version,
    description: 'Keeps the processes of a host in the state that a file in a repository declares.',
    oclif: {
      bin: name,
      topicSeparator: ' ',
      topics: TOPICS,
      helpOptions: { hideAliasesFromRoot: true, stripAnsi: true, maxWidth: HELP_WIDTH },
      exitCodes: {
        default: USAGE,
        failedFlagParsing: USAGE,
        failedFlagValidation: USAGE,
        invalidArgsSpec: USAGE,
        nonExistentFlag: USAGE,
        requiredArgs: USAGE,
        unexpectedArgs: USAGE,
      },
    },
  };
}

/** A command as oclif's help reads it. */
async function describeCommand(id: string, command: CommandClass): Promise<Command.Loadable> {
  const flags = await Promise.all(
    Object.entries({ ...command.baseFlags, ...command.flags }).map(async ([name, flag]) => {
      const help: unknown = 'defaultHelp' in flag ? flag.defaultHelp : undefined;
      const preset: unknown = typeof help === 'function' ? await (help as () => unknown)() : flag.default;
      return [name, { ...flag, name, default: preset }];
    }),
  );
  return {
    id,
    aliases: command.aliases,
    hiddenAliases: command.hiddenAliases,
    hidden: command.hidden,
    args: Object.fromEntries(Object.entries(command.args).map(([name, arg]) => [name, { ...arg, name }])),
    flags: Object.fromEntries(flags) as Command.Cached['flags'],
    summary: command.summary,
    description: command.description,
    examples: command.examples,
    usage: command.usage,
    strict: command.strict,
    load: () => Promise.reject(new Error('commands are run from their table')),
  };
}
