import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { ImportResult } from '../../../import/model/imported.ts';
import type { GivenFile } from '../../importing/read-given.ts';
import { ImportFileCommand } from '../../importing/import-file-command.ts';

/** `import systemd`. */
export default class ImportSystemd extends ImportFileCommand {
  static override summary = 'Write units of systemd as an ecosystem file.';
  static override description =
    'A service is an app; a timer makes a job of its service, if cron can say its calendar. Name the timer beside its service.';
  static override examples = [
    '<%= config.bin %> import systemd /etc/systemd/system/web.service',
    '<%= config.bin %> import systemd backup.service backup.timer -o jobs/ecosystem.yaml',
  ];

  protected override readonly usual = 'stateward import systemd /etc/systemd/system/web.service';
  protected override readonly takesMany = true;

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ImportSystemd);
    return this.importFiles(flags, args);
  }

  protected override async convert([file, ...more]: readonly [
    GivenFile,
    ...GivenFile[],
  ]): Promise<ImportResult> {
    const { importSystemd } = await import('../../../import/systemd/systemd.ts');
    return importSystemd([file, ...more].map(({ shown, text }) => ({ file: shown, text })));
  }
}
