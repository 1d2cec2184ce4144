import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';

/** `schema`: the JSON schema of ecosystem files, for editors. */
export default class Schema extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print the JSON schema of ecosystem files, for editors.';
  static override examples = [
    '<%= config.bin %> schema > ecosystem.schema.json',
    '<%= config.bin %> schema --merge > merge.schema.json',
  ];
  static override flags = {
    merge: Flags.boolean({
      description:
        'That of a file that is laid over another (--merge): it needs no script, and null takes away.',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Schema);
    const { schema } = this.context.files;
    const file = flags.merge ? join(dirname(schema), 'merge.schema.json') : schema;
    this.print(readFileSync(file, 'utf8'));
    return EXIT.OK;
  }
}
