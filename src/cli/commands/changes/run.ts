import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { filesNamed } from '../../declare/file-target.ts';
import { readFlagged } from '../../variants/read-flagged.ts';
import { usageError } from '../../session/failures.ts';
import { fileFlags, guardFlags, scopeFlags } from '../base/flags.ts';
import { ForegroundCommand } from '../base/foreground-command.ts';

/** `run`: the daemon and the apps of a file as one process in the foreground. */
export default class Run extends ForegroundCommand {
  static override summary = 'Run the apps of an ecosystem file in the foreground, as in a container.';
  static override description =
    'Applies the file, shows what the apps write, and stops them, drained and in order, on SIGTERM, SIGINT or Ctrl-C; a ' +
    'second signal kills what has not ended. It is made to be process 1 of a container, and reaps what is left to it.\n\n' +
    `Exit codes:
  0    after a stop that was asked for, or when every app has completed
  1    an app is given up: what it was, and why, is the last line
  N    with --exit-with, the exit code of that app (128 + the number of a signal)
  6    refused by a guard, and nothing was started
  64   wrong use   65   the file is invalid   77   the home cannot be used`;
  static override examples = [
    '<%= config.bin %> run -f ecosystem.yaml --env production',
    '<%= config.bin %> run --format json',
    '<%= config.bin %> run -f ci.yaml --exit-with tests',
  ];
  static override strict = false;
  static override pm2 = 'run' as const;
  static override args = {
    file: Args.string({ description: 'Ecosystem files, as with -f.', ignoreStdin: true }),
  };
  static override flags = {
    ...fileFlags,
    only: scopeFlags.only,
    format: Flags.option({
      options: ['text', 'json'] as const,
      default: 'text' as const,
      description: 'Lines behind the name of their app, or one JSON object a line.',
      helpValue: 'text|json',
    })(),
    'exit-with': Flags.string({
      description: 'End when this app has ended for good, with its exit code.',
      helpValue: 'APP',
    }),
    'allow-wipe': guardFlags['allow-wipe'],
    'take-over': guardFlags['take-over'],
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Run);
    const { only = null } = flags;
    const files = this.#files(flags.file, args);
    const declared = await readFlagged(files, flags, this.context);
    const code = await this.runInForeground({
      declared,
      command: `run -f ${declared.files.join(' -f ')}${declared.words}`,
      only,
      format: flags.format,
      exitWith: flags['exit-with'],
      guards: { allowWipe: flags['allow-wipe'], takeOver: flags['take-over'] },
    });
    // An app's own code may be any.
    return code as ExitCode;
  }

  /** PM2's habit is to name the file without -f. */
  #files(flagged: readonly string[] | undefined, words: readonly string[]): readonly string[] | undefined {
    const [word] = words;
    if (word !== undefined && flagged !== undefined) {
      throw usageError(`unexpected argument: ${word}`, 'name every file with -f, or none');
    }
    const other = words.find((name) => filesNamed([name], () => this.context.cwd) === null);
    if (other !== undefined) {
      throw usageError(
        `${other} is no ecosystem file that is here`,
        `a script is run by a file that declares it: apps: [{ script: ${other} }]; stateward explain apps`,
      );
    }
    return words.length > 0 ? words : flagged;
  }
}
