import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { listReading } from '../../items/list-reading.ts';
import { unwrap } from '../../session/failures.ts';
import { renderDeclaredItems } from '../../items/declared-items.ts';
import { renderJson } from '../../views/json.ts';

/** `notify apply`: declares the receivers of a file. */
export default class NotifyApply extends BaseCommand {
  static override summary = 'Declare who is told what happens here; they are told from now on.';
  static override description =
    'Receivers that the file does not name stay as they are, unless --prune says so. stateward notify test NAME tries one.';
  static override examples = ['<%= config.bin %> notify apply -f notify.yaml'];
  static override flags = {
    file: Flags.string({
      char: 'f',
      multiple: true,
      multipleNonGreedy: true,
      description:
        'File that declares receivers, or - for standard input; repeatable. Default: notify.yaml here.',
      helpValue: 'FILE',
    }),
    prune: Flags.boolean({ description: 'Remove receivers that the file does not name.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(NotifyApply);
    const files = flags.file ?? ['notify.yaml'];
    const { readReceivers } = await import('../../../config/notify/read-notify.ts');
    const receivers = unwrap(await readReceivers(files, listReading(this.context)));
    const command = `notify apply -f ${files.join(' -f ')}`;
    const request = { receivers, prune: flags.prune, by: whoAmI(), command };
    const done = unwrap(await this.connectOrStart().declareReceivers(request));
    const items = done.changes.map(({ receiver, kind }) => ({ name: receiver, kind }));
    this.print(flags.output === 'json' ? renderJson(done) : renderDeclaredItems(items, 'Receivers'));
    return EXIT.OK;
  }
}
