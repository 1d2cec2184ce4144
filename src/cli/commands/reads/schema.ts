import { readFileSync } from 'node:fs';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';

/** `schema`: the JSON schema of ecosystem files, for editors. */
export default class Schema extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print the JSON schema of ecosystem files, for editors.';
  static override examples = ['<%= config.bin %> schema > ecosystem.schema.json'];

  async run(): Promise<ExitCode> {
    await this.parseLine(Schema);
    this.print(readFileSync(this.context.files.schema, 'utf8'));
    return EXIT.OK;
  }
}
