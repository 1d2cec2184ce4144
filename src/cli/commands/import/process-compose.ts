import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { ImportResult } from '../../../import/model/imported.ts';
import type { GivenFile } from '../../importing/read-given.ts';
import { ImportFileCommand } from '../../importing/import-file-command.ts';

/** `import process-compose`. */
export default class ImportProcessCompose extends ImportFileCommand {
  static override summary = 'Write a file of process-compose as an ecosystem file.';
  static override examples = ['<%= config.bin %> import process-compose process-compose.yaml'];

  protected override readonly usual = 'stateward import process-compose process-compose.yaml';
  protected override readonly startsThere = true;

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ImportProcessCompose);
    return this.importFiles(flags, args);
  }

  protected override async convert([file]: readonly [GivenFile, ...GivenFile[]]): Promise<ImportResult> {
    const { importProcessCompose } = await import('../../../import/process-compose/process-compose.ts');
    return importProcessCompose(file.shown, file.text);
  }
}
