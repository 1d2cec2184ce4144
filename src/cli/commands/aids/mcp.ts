import { dirname, join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { usageError } from '../../session/failures.ts';

const PLAN_WIDTH = 120;

/** `mcp`: a server of the Model Context Protocol on standard input and output. */
export default class Mcp extends BaseCommand {
  static override summary =
    'Let a program that speaks the Model Context Protocol look at this host, and act if you say so.';
  static override description =
    'It is started by the program (an assistant, an editor), which talks to it over standard input and output. It reads: ' +
    'apps, why, logs, events, history, plans. With --allow-changes it carries out what it has shown before, as long as ' +
    'nothing has changed since; the guards of apply and the policies below hold. It plans the files named here and no others.';
  static override examples = [
    '<%= config.bin %> mcp',
    '<%= config.bin %> mcp -f /srv/shop/ecosystem.yaml --allow-changes --protect shop/db --max-processes 4',
  ];
  static override flags = {
    file: Flags.string({
      char: 'f',
      multiple: true,
      description: 'Ecosystem file that plans are made of; default: that of the working folder.',
      helpValue: 'FILE',
    }),
    env: Flags.string({ description: 'Merge env_NAME over env.', helpValue: 'NAME' }),
    'allow-changes': Flags.boolean({ description: 'Carry out changes that were planned.' }),
    protect: Flags.string({
      multiple: true,
      description:
        'Change nothing of these, nor of mcp.protect of the settings: NAME, PROJECT/NAME, PROJECT/, with * for any text.',
      helpValue: 'APP',
    }),
    'max-processes': Flags.integer({
      description:
        'Processes that one change may start, replace or stop; default: mcp.max_processes of the settings (10).',
      min: 0,
      helpValue: 'N',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Mcp);
    const { file = [], env, protect = [] } = flags;
    if (file.includes('-')) throw usageError('standard input is the client', 'name a file with -f');
    if (process.stdin.isTTY) {
      this.note('waiting for a client of the Model Context Protocol on standard input (Ctrl-D ends)');
    }
    const [{ settingsShown }, { serveMcp }, { lineRunner }, { renderPlan }] = await Promise.all([
      import('../../settings/shown-settings.ts'),
      import('../../mcp/serve-mcp.ts'),
      import('../../mcp/line-runner.ts'),
      import('../../views/plan/plan-human.ts'),
    ]);
    const { context, home } = this;
    await serveMcp({
      run: lineRunner(context, join(dirname(context.files.daemon), 'bin.cjs'), home),
      showPlan: (plan) => renderPlan(plan, { color: false, width: PLAN_WIDTH }),
      fileWords: [...file.map((name) => `--file=${name}`), ...(env === undefined ? [] : [`--env=${env}`])],
      allowsChanges: flags['allow-changes'],
      policy: async () => {
        const settings = await this.connectQuietly().settings();
        if (!settings.ok) return `the settings of the home are not known: ${settings.error.message}`;
        const { mcp } = settingsShown(settings.value, home);
        return {
          allowsChanges: flags['allow-changes'],
          protected: [...protect, ...mcp.protect],
          maxProcesses: flags['max-processes'] ?? mcp.maxProcesses,
        };
      },
      clock: context.clock,
      version: context.version,
    });
    return EXIT.OK;
  }
}
