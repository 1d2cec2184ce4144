import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { itemNamed } from '../../items/named-item.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { renderEnded } from '../../views/tokens/sessions.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';

/** `session delete`. */
export default class SessionDelete extends BaseCommand {
  static override summary = 'Log a browser out, or all; what they read ends at once.';
  static override description =
    'Whoever has a token that holds can log in again: stateward token delete ends that, with its browsers.';
  static override examples = [
    '<%= config.bin %> session delete 1f2e3d4c',
    '<%= config.bin %> session delete --all',
  ];
  static override args = {
    session: Args.string({ description: 'Id of the session, or the beginning of it.', ignoreStdin: true }),
  };
  static override flags = {
    all: Flags.boolean({ description: 'Log all browsers out.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SessionDelete);
    if (flags.all && args[0] !== undefined) {
      throw usageError(`--all and ${args[0]} cannot be together`, 'name a session, or say --all');
    }
    const session = flags.all
      ? null
      : itemNamed(args, { topic: 'session', noun: 'session', command: 'delete' });
    const ended = unwrap(await this.connect().deleteSession({ session, by: whoAmI() }));
    this.print(flags.output === 'json' ? renderJson(ended) : renderEnded(ended.items));
    if (ended.items.length === 0 && flags.output === 'table') this.note('no browser was logged in');
    return EXIT.OK;
  }
}
