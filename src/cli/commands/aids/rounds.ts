import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { renderRounds } from '../../views/rounds.ts';
import { BaseCommand } from '../base/base-command.ts';
import { selectionFlags } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';

/** `rounds`: what the loop did of late, newest first. */
export default class Rounds extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'Show what the daemon did of late: why it looked at an app, what it did, how long it took.';
  static override description =
    'A round is one look at one app. Those that led to something are kept in memory, at most 20 of each app, until the daemon ' +
    'is restarted. What happened, for as long as it is on record, is in events.';
  static override examples = ['<%= config.bin %> rounds', '<%= config.bin %> rounds shop/api -o json'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Only rounds of these apps.', ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    limit: Flags.integer({ description: 'At most this many.', default: 50, min: 0, max: 50_000 }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Rounds);
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const rounds = unwrap(await api.rounds({ selectors, limit: flags.limit }));
    this.print(flags.output === 'json' ? renderJson(rounds) : renderRounds(rounds.items, this.outStyle));
    return EXIT.OK;
  }
}
