import * as Args from '@oclif/core/args';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderJson } from '../../views/json.ts';

/** `explain`: what a field of the ecosystem file means, from its schema; a code of an error, a reason, or an exit code. */
export default class Explain extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Explain a field of the ecosystem file, an error code, a reason or an exit code.';
  static override examples = [
    '<%= config.bin %> explain apps',
    '<%= config.bin %> explain rollout.max_surge',
    '<%= config.bin %> explain WIPE_GUARD',
    '<%= config.bin %> explain CodeChanged',
  ];
  static override args = {
    path: Args.string({
      description: 'Field (instances, rollout.max_surge), code, reason or exit code; default: apps.',
      ignoreStdin: true,
    }),
  };
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Explain);
    const { codeText, explainCode } = await import('../../help/explain-code.ts');
    const code = explainCode(args[0] ?? '');
    if (code !== null) {
      this.print(flags.output === 'json' ? renderJson(code) : codeText(code));
      return EXIT.OK;
    }
    const { explain, explanationText } = await import('../../../spec/explain.ts');
    const explanation = unwrap(explain(args[0] ?? 'apps'));
    this.print(flags.output === 'json' ? renderJson(explanation) : explanationText(explanation));
    return EXIT.OK;
  }
}
