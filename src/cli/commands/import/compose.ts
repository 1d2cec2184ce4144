import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { ImportResult } from '../../../import/model/imported.ts';
import type { GivenFile } from '../../importing/read-given.ts';
import { ImportFileCommand } from '../../importing/import-file-command.ts';

/** `import compose`. */
export default class ImportCompose extends ImportFileCommand {
  static override summary = 'Write the services of a Compose file that have a command as an ecosystem file.';
  static override description =
    'A service that only an image describes is no process of this host: a comment names it.';
  static override examples = ['<%= config.bin %> import compose compose.yaml'];

  protected override readonly usual = 'stateward import compose compose.yaml';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ImportCompose);
    return this.importFiles(flags, args);
  }

  protected override async convert([file]: readonly [GivenFile, ...GivenFile[]]): Promise<ImportResult> {
    const { importCompose } = await import('../../../import/compose/compose.ts');
    return importCompose(file.shown, file.text);
  }
}
