import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { showApps } from '../../wait/told-apps.ts';
import { count } from '../../views/text/quantities.ts';

/** `reset`: counts restarts from 0 again. */
export default class Reset extends BaseCommand {
  static override summary = 'Count the restarts of apps from 0 again.';
  static override description = `Only the counter: events keep what happened, and an app that waits or has failed is left as it is.`;
  static override examples = ['<%= config.bin %> reset shop/api', '<%= config.bin %> reset all'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps, or all.', ignoreStdin: true }),
  };
  static override flags = { ...selectionFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Reset);
    if (args.length === 0)
      throw usageError(
        'name an app, or all',
        'stateward get lists them; . means what the ecosystem file of this folder declares',
      );
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const response = unwrap(await api.reset({ selectors, by: whoAmI() }));
    if (flags.output === 'json') this.print(renderJson(response));
    else {
      for (const { app, restarts } of response.results) {
        this.print(
          `${app}  counted from 0 again${restarts === 0 ? '' : `, after ${count(restarts, 'restart')}`}\n`,
        );
      }
      const keys = response.results.map(({ app }) => app);
      await showApps(keys, { api, context: this.context, style: this.errStyle });
    }
    return EXIT.OK;
  }
}
