import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { ImportCommand, importFlags } from '../../importing/import-command.ts';
import { unwrap } from '../../session/failures.ts';
import { leftOutLines } from '../../views/importing.ts';

/** `import pm2`: what PM2 runs, or is told to run, as an ecosystem file, and the way to move. */
export default class ImportPm2 extends ImportCommand {
  static override summary = 'Write what PM2 runs as an ecosystem file, and print how to move, app by app.';
  static override description = `FILE is a dump (~/.pm2/dump.pm2), what pm2 jlist prints (- for standard input), or a configuration (ecosystem.config.js,
.cjs, .mjs, .json, .yaml). Without FILE: the PM2 that runs here, else what it has saved. PM2 is only read, and never started.

Secrets go to files of their own with mode 0600 (env_file). What the shell had that PM2 was started from is left out and
listed.`;
  static override examples = [
    '<%= config.bin %> import pm2',
    'pm2 jlist | <%= config.bin %> import pm2 - -o shop/ecosystem.yaml',
    '<%= config.bin %> import pm2 ecosystem.config.js --env production',
  ];
  static override args = {
    file: Args.string({ description: 'Dump, output of pm2 jlist, configuration, or -.', ignoreStdin: true }),
  };
  static override flags = {
    ...importFlags,
    env: Flags.string({
      description: 'Of a configuration: merge env_NAME into env, and leave out the other ones.',
      helpValue: 'NAME',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ImportPm2);
    const output = this.outputOf(flags);
    const [{ readPm2 }, { outputFolder }, { moveText }] = await Promise.all([
      import('../../importing/pm2-source.ts'),
      import('../../importing/write-import.ts'),
      import('../../../import/pm2/move.ts'),
    ]);
    const { context } = this;
    const folder = outputFolder(output, context.cwd);
    const read = await readPm2({ file: args[0] ?? null, env: flags.env ?? null, folder, context });
    const { what, imported } = unwrap(read);
    return this.write(imported, `Imported by stateward from ${what}.`, output, {
      lines: leftOutLines(imported),
      end: ({ path, shown, project }) =>
        moveText(imported.apps, { file: path === null ? 'ecosystem.yaml' : shown, project }),
    });
  }
}
