import * as Args from '@oclif/core/args';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { usageError } from '../../session/failures.ts';
import { keysNamed } from '../../settings/known-key.ts';

/** `config unset`: defaults again. */
export default class ConfigUnset extends BaseCommand {
  static override summary = 'Take settings out of the config.yaml of the home: their defaults hold again.';
  static override examples = [
    '<%= config.bin %> config unset limits.builds',
    '<%= config.bin %> config unset http',
  ];
  static override strict = false;
  static override args = {
    setting: Args.string({
      description: 'Key (limits.builds), or several (http); may be repeated.',
      ignoreStdin: true,
    }),
  };

  async run(): Promise<ExitCode> {
    const { args } = await this.parseLine(ConfigUnset);
    if (args.length === 0) throw usageError('which setting?', 'stateward config show lists them');
    const edits = [...new Set(args.flatMap(keysNamed))].map((key) => ({ key, value: undefined }));
    const { reportChange } = await import('../../settings/report-change.ts');
    this.print(await reportChange(this.home, edits, this.connect()));
    return EXIT.OK;
  }
}
