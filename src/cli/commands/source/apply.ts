import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap } from '../../session/failures.ts';
import { readSourceFiles } from '../../sources/declaring.ts';
import { renderDeclaredSources } from '../../items/declared-items.ts';
import { renderJson } from '../../views/json.ts';

/** `source apply`: declares the sources of a file. */
export default class SourceApply extends BaseCommand {
  static override summary = 'Declare the sources of a file; the daemon looks at them from now on.';
  static override description =
    'Sources that the file does not name stay as they are, unless --prune says so. What a removed source has declared runs on.';
  static override examples = ['<%= config.bin %> source apply -f sources.yaml'];
  static override flags = {
    file: Flags.string({
      char: 'f',
      multiple: true,
      multipleNonGreedy: true,
      description:
        'File that declares sources, or - for standard input; repeatable. Default: sources.yaml here.',
      helpValue: 'FILE',
    }),
    prune: Flags.boolean({ description: 'Remove sources that the file does not name.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(SourceApply);
    const files = flags.file ?? ['sources.yaml'];
    const sources = await readSourceFiles(files, this.context);
    const command = `source apply -f ${files.join(' -f ')}`;
    const request = { sources, prune: flags.prune, by: whoAmI(), command };
    const done = unwrap(await this.connectOrStart().declareSources(request));
    this.print(flags.output === 'json' ? renderJson(done) : renderDeclaredSources(done.changes));
    return EXIT.OK;
  }
}
