import type { Command } from '@oclif/core/command';
import { Config } from '@oclif/core/config';
import type * as Interfaces from '@oclif/core/interfaces';
import { EXIT } from '../lib/exit-codes.ts';
import type { CommandEntry, CommandTable } from './command-entry.ts';

export interface OclifConfigOptions {
  readonly version: string;
  /** Folder that stands for the package's root. */
  readonly root: string;
  readonly commands: CommandTable;
}

/** Help looks the same in every terminal, and in its snapshots. */
const HELP_WIDTH = 100;

const TOPICS = {
  daemon: { description: 'The daemon that keeps apps as declared.' },
  import: { description: 'Write an ecosystem file from what another tool runs.' },
  rollout: { description: 'Changes from one version of an app to the next: where they are, pause, resume.' },
};

/**
 * The oclif configuration for printing help, made from the table of commands in memory: it reads no package.json and no
 * manifest, and looks for no plugins in the user's folders.
 */
export async function loadOclifConfig(options: OclifConfigOptions): Promise<Config> {
  const plugin = await rootPlugin(options);
  return Config.load({ root: options.root, plugins: new Map([[plugin.name, plugin]]) });
}

async function rootPlugin(options: OclifConfigOptions): Promise<Interfaces.Plugin> {
  const { version, root, commands } = options;
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
    commands: await Promise.all(Object.entries(commands).map(([id, entry]) => describeCommand(id, entry))),
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
async function describeCommand(id: string, { aliases, load }: CommandEntry): Promise<Command.Loadable> {
  const { default: command } = await load();
  const flags = await Promise.all(
    Object.entries({ ...command.baseFlags, ...command.flags }).map(async ([name, flag]) => {
      const help: unknown = 'defaultHelp' in flag ? flag.defaultHelp : undefined;
      const preset: unknown = typeof help === 'function' ? await (help as () => unknown)() : flag.default;
      return [name, { ...flag, name, default: preset }];
    }),
  );
  return {
    id,
    aliases: [...aliases],
    hiddenAliases: [],
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
