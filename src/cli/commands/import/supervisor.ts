import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { ImportResult } from '../../../import/model/imported.ts';
import type { GivenFile } from '../../importing/read-given.ts';
import { ImportFileCommand } from '../../importing/import-file-command.ts';

/** `import supervisor`. */
export default class ImportSupervisor extends ImportFileCommand {
  static override summary = 'Write the programs of supervisord as an ecosystem file.';
  static override description = 'Groups become namespaces, %(ENV_X)s becomes ${X}.';
  static override examples = ['<%= config.bin %> import supervisor /etc/supervisor/conf.d/web.conf'];

  protected override readonly usual = 'stateward import supervisor /etc/supervisor/conf.d/web.conf';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ImportSupervisor);
    return this.importFiles(flags, args);
  }

  protected override async convert([file]: readonly [GivenFile, ...GivenFile[]]): Promise<ImportResult> {
    const { importSupervisor } = await import('../../../import/supervisor/supervisor.ts');
    return importSupervisor(file.shown, file.text);
  }
}
