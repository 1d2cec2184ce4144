import * as Flags from '@oclif/core/flags';
import { userInfo } from 'node:os';
import { posix } from 'node:path';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { usageError } from '../../session/failures.ts';
import { declaredProjects } from '../../targets/declared-projects.ts';
import { ExportTarget, exportFlags } from '../../targets/export-target.ts';

/** `export systemd`: the file as units of systemd. */
export default class ExportSystemd extends ExportTarget {
  static override summary = 'Print ecosystem files as units of systemd.';
  static override description = `A service for each instance, with its sockets and timers, and a target for the project.
What cannot mean the same there is an error with its place in the file, what means something else is a warning.

Secrets are never printed: the services read them from files of lines NAME=value, and which those are is said.`;
  static override examples = [
    '<%= config.bin %> export systemd',
    '<%= config.bin %> export systemd --user app -o /etc/systemd/system',
  ];
  static override flags = {
    ...exportFlags,
    user: Flags.string({
      description: 'User that apps without a uid run as; default: whoever runs this.',
      helpValue: 'NAME',
    }),
    secrets: Flags.string({
      description: 'Folder of the files of secret variables, <project>/<app>.env.',
      default: '/etc/stateward',
      helpValue: 'DIR',
    }),
    output: Flags.string({
      char: 'o',
      description: 'Folder to write a file for each unit to; - prints them.',
      default: '-',
      helpValue: 'DIR',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(ExportSystemd);
    if (!posix.isAbsolute(flags.secrets)) {
      throw usageError(
        `--secrets ${JSON.stringify(flags.secrets)} is no absolute path`,
        'as in --secrets /etc/shop',
      );
    }
    if (flags.user !== undefined && !/^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?$/.test(flags.user)) {
      throw usageError(`--user ${JSON.stringify(flags.user)} names no user`, 'a name, or a number');
    }
    const documents = await this.documents(flags);
    const user = flags.user ?? userInfo().username;
    const host = { node: process.execPath, user: user === 'root' ? null : user, secrets: flags.secrets };
    const { renderSystemd } = await import('../../../targets/systemd/render.ts');
    const { objects, diagnostics, secrets } = renderSystemd(
      declaredProjects(documents, this.context.cwd).map((project) => ({ ...project, host })),
    );
    await this.settle(diagnostics, documents, flags.strict);
    if (flags.output === '-') this.print(objects.map(({ name, text }) => `# ${name}\n${text}`).join('\n'));
    else this.giveFiles(objects, flags.output);
    for (const { path, names } of secrets) this.note(`${path} has to be there, with ${names.join(', ')}`);
    return EXIT.OK;
  }
}
