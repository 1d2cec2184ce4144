import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { usageError } from '../../session/failures.ts';
import type { Shell } from '../../completion/scripts.ts';

/** `completion`: what a shell needs to complete the command line. */
export default class Completion extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print the completion script of a shell, or install it.';
  static override description = `Completes commands, flags and their values, and what there is: apps, slots, ids, projects, environments. It starts no daemon.

install puts the script below your data folder and a line that reads it at the end of ~/.bashrc or ~/.zshrc (fish needs none); uninstall takes both away.`;
  static override usage = [
    'completion [bash|zsh|fish]',
    'completion install [bash|zsh|fish]',
    'completion uninstall [bash|zsh|fish]',
  ];
  static override examples = [
    '<%= config.bin %> completion install',
    'eval "$(<%= config.bin %> completion bash)"',
    'source <(<%= config.bin %> completion zsh)',
    '<%= config.bin %> completion fish | source',
  ];
  static override strict = false;
  static override args = {
    shell: Args.string({ description: 'bash, zsh or fish; left out: the one of $SHELL.', ignoreStdin: true }),
  };

  async run(): Promise<ExitCode> {
    const { args } = await this.parseLine(Completion);
    const [first, second, third] = args;
    const installs = first === 'install' || first === 'uninstall';
    const stray = installs ? third : second;
    if (stray !== undefined) throw usageError(`unexpected argument: ${stray}`);
    const { SCRIPTS, SHELLS } = await import('../../completion/scripts.ts');
    const { env } = this.context;
    const named = (installs ? second : first) ?? (env['SHELL'] ?? '').replace(/^.*\//, '');
    const shell = SHELLS.find((known): known is Shell => known === named);
    if (shell === undefined) {
      const what =
        named === '' ? 'no shell is named, and $SHELL is not set' : `there is no completion for ${named}`;
      throw usageError(
        what,
        `there is one for ${SHELLS.join(', ')}: stateward completion ${installs ? 'install ' : ''}bash`,
      );
    }
    if (!installs) {
      this.print(SCRIPTS[shell]);
      return EXIT.OK;
    }
    const { install, uninstall } = await import('../../completion/install.ts');
    for (const line of (first === 'install' ? install : uninstall)(shell, env)) this.note(line);
    return EXIT.OK;
  }
}
