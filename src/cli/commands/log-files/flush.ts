import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { renderFlushed } from '../../views/flushed.ts';
import { renderJson } from '../../views/json.ts';

/** `flush`: empties log files. */
export default class Flush extends BaseCommand {
  static override summary = 'Empty the log files of apps, of all of them where none is named.';
  static override description = `Apps write on, and nothing has to be restarted. Rotated files (app-out.log.1, ...) stay unless --rotated is given.
A log that is a link or a device stays as it is. Exit 1 when one that should be empty is not.`;
  static override examples = [
    '<%= config.bin %> flush',
    '<%= config.bin %> flush web worker:0',
    '<%= config.bin %> flush web --rotated',
  ];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps, or all.', ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    rotated: Flags.boolean({ description: 'Remove rotated files as well.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Flush);
    const api = this.connect();
    const selectors = args.length === 0 ? ['all'] : await this.selectorsNamed(args, api);
    const { rotated } = flags;
    const response = unwrap(await api.flushLogs({ selectors, rotated, by: whoAmI() }));
    this.print(flags.output === 'json' ? renderJson(response) : renderFlushed(response, rotated));
    return response.files.some(({ skipped }) => skipped !== null) ? EXIT.FAILED : EXIT.OK;
  }
}
