import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { renderAudit } from '../../views/guards/audit.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';

/** `audit list`: who changed what. */
export default class AuditList extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show who changed what: every accepted change, oldest first.';
  static override description =
    'Each line is chained to the one before it by a hash, so that none can be changed or taken away unseen: audit verify.';
  static override examples = [
    '<%= config.bin %> audit list --limit 20',
    '<%= config.bin %> audit list -o json',
  ];
  static override flags = {
    limit: Flags.integer({ description: 'At most this many, the newest.', default: 50, min: 0, max: 50_000 }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(AuditList);
    const list = unwrap(await this.connectQuietly().audit({ limit: flags.limit }));
    this.print(flags.output === 'json' ? renderJson(list) : renderAudit(list.items, this.outStyle));
    if (list.items.length === 0 && flags.output !== 'json') this.note('nothing was changed in this home yet');
    return EXIT.OK;
  }
}
