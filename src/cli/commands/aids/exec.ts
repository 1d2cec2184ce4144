import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { passedOn, type ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { splitExecLine } from '../../fast/exec-line.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { BaseCommand } from '../base/base-command.ts';
import { selectionFlags } from '../base/flags.ts';

/** `exec`: a command in the surroundings of an instance. */
export default class Exec extends BaseCommand {
  static override summary = 'Run a command in the folder, environment and user of an app.';
  static override description = `The command has the streams of this one: on a terminal it has that terminal, and Ctrl-C is for it. Its exit code is passed on, 128 + n where signal n ended it; 126 and 127 as in a shell.

It has the environment of the process that runs, or of the next one where the app is stopped, and is no part of the app: a restart does not touch it, and limits of the app do not hold for it. An event says who ran which program, without its arguments.`;
  static override usage = ['exec [FLAGS] APP[:SLOT] COMMAND...', 'exec APP[:SLOT] [FLAGS] -- COMMAND...'];
  static override examples = [
    '<%= config.bin %> exec shop/web -- node scripts/migrate.js',
    '<%= config.bin %> exec -it web:0 bash',
    '<%= config.bin %> exec web -- sh -c \'psql "$DATABASE_URL"\'',
    '<%= config.bin %> exec -e LOG_LEVEL=debug web -- npm run seed < seed.sql',
  ];
  static override strict = false;
  static override passesOn = true;
  static override args = {
    app: Args.string({ description: 'An app with one instance, name:slot, or an id.', ignoreStdin: true }),
    command: Args.string({ description: 'The program and its arguments, as they are.', ignoreStdin: true }),
  };
  static override flags = {
    env: Flags.string({
      ...{ char: 'e', multiple: true, multipleNonGreedy: true, helpValue: 'NAME=VALUE' },
      description: 'Set a variable over those of the app; NAME alone takes it from here.',
    }),
    user: Flags.string({
      ...{ char: 'u', helpValue: 'USER[:GROUP]' },
      description: 'Run as this user in place of that of the app (root only).',
    }),
    interactive: Flags.boolean({
      char: 'i',
      description: 'A habit from docker and kubectl: input is passed on with and without it.',
    }),
    tty: Flags.boolean({ char: 't', description: 'Fail where standard input is no terminal.' }),
    ...selectionFlags,
  };

  async run(): Promise<ExitCode> {
    const { own, command } = splitExecLine(this.argv);
    this.argv = [...own];
    const { flags, args } = await this.parseLine(Exec);
    const [name] = command;
    const example = 'stateward exec shop/web -- node scripts/migrate.js';
    if (args.length === 0) throw usageError('name an app and a command', example);
    if (name === undefined || name === '') throw usageError('name a command', example);
    if (flags.tty && !process.stdin.isTTY) {
      throw usageError(
        '-t needs a terminal, and standard input is none',
        'leave it out: the command runs without',
      );
    }
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const launch = unwrap(
      await api.launch({
        ...{ selectors, command, by: whoAmI(), user: flags.user ?? null },
        env: variables(flags.env ?? [], this.context.env),
        caller: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
      }),
    );
    if (launch.note !== null) this.note(launch.note);
    const { runCommand } = await import('../../exec/run-command.ts');
    return passedOn(await runCommand(launch, this.#environment(launch.env), name));
  }

  /** A program that draws asks which terminal it has: that is a property of whoever looks, not of the app. */
  #environment(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
    const { TERM } = this.context.env;
    const isTerminal = process.stdin.isTTY || process.stdout.isTTY;
    return TERM === undefined || !isTerminal ? env : { TERM, ...env };
  }
}

/** `NAME=VALUE`, or `NAME` of ours. */
function variables(
  texts: readonly string[],
  ours: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const pairs = texts.map((text): readonly [string, string] => {
    const [, name = text, value] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    if (name === '') throw usageError(`${JSON.stringify(text)} names no variable`, 'write -e NAME=VALUE');
    const given = value ?? ours[name];
    if (given === undefined) throw usageError(`-e ${name}: it is not set here`, `write -e ${name}=VALUE`);
    return [name, given];
  });
  return Object.fromEntries(pairs);
}
