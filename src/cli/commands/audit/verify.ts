import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { renderAuditVerdict } from '../../views/guards/audit.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';

/** `audit verify`: whether the audit log is as it was written. */
export default class AuditVerify extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Check that no line of the audit log was changed or taken away.';
  static override description = `Exit codes:
  0  the chain is whole
  1  it is broken, and where

Whoever owns the home could write the whole chain anew. To find that out as well, note the last hash elsewhere, and give it with --head.`;
  static override examples = [
    '<%= config.bin %> audit verify',
    '<%= config.bin %> audit verify --head 3f2a9c…',
  ];
  static override flags = {
    head: Flags.string({
      description: 'A hash that was printed before: it has to be in the chain.',
      helpValue: 'HASH',
    }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(AuditVerify);
    const verdict = unwrap(
      await this.connectQuietly().auditVerdict({ ...(flags.head !== undefined && { head: flags.head }) }),
    );
    this.print(flags.output === 'json' ? renderJson(verdict) : renderAuditVerdict(verdict));
    return verdict.whole ? EXIT.OK : EXIT.FAILED;
  }
}
