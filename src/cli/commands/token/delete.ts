import * as Args from '@oclif/core/args';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { itemNamed } from '../../items/named-item.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';

/** `token delete`. */
export default class TokenDelete extends BaseCommand {
  static override summary =
    'Delete a token; browsers that are logged in with it, and what they read, end at once.';
  static override examples = ['<%= config.bin %> token delete ci'];
  static override args = {
    token: Args.string({ description: 'Name or id of the token.', required: true, ignoreStdin: true }),
  };
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TokenDelete);
    const token = itemNamed(args, { topic: 'token', noun: 'token', command: 'delete' });
    const info = unwrap(await this.connect().deleteToken({ token, by: whoAmI() }));
    this.print(flags.output === 'json' ? renderJson(info) : `${info.name}  deleted\n`);
    return EXIT.OK;
  }
}
