import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { ImportResult } from '../../../import/model/imported.ts';
import type { GivenFile } from '../../importing/read-given.ts';
import { ImportFileCommand } from '../../importing/import-file-command.ts';

/** `import procfile`. */
export default class ImportProcfile extends ImportFileCommand {
  static override summary = 'Write a Procfile as an ecosystem file.';
  static override description =
    'A line is an app. A file .env beside it, which foreman reads, is its env_file.';
  static override examples = ['<%= config.bin %> import procfile Procfile'];

  protected override readonly usual = 'stateward import procfile Procfile';
  protected override readonly startsThere = true;

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ImportProcfile);
    return this.importFiles(flags, args);
  }

  protected override async convert([file]: readonly [GivenFile, ...GivenFile[]]): Promise<ImportResult> {
    const { importProcfile } = await import('../../../import/procfile/procfile.ts');
    return importProcfile(file.shown, file.text, file.isBeside('.env') ? '.env' : null);
  }
}
