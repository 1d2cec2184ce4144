import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { EventsQuery } from '../../session/api.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap } from '../../session/failures.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderEvent, renderEvents } from '../../views/apps/events.ts';
import { renderJson, renderJsonLine } from '../../views/json.ts';

/** `events`: what happened, oldest first; with `-w` also what happens. */
export default class Events extends BaseCommand {
  static override changesNothing = true;
  static override endsWithReader = true;
  static override summary = 'Show what happened: starts, exits, applies, restarts and why.';
  static override examples = ['<%= config.bin %> events shop/api', '<%= config.bin %> events -w -o json'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Only events of these apps.', ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    watch: Flags.boolean({ char: 'w', description: 'Print further events as they happen.' }),
    limit: Flags.integer({ description: 'At most this many past events.', default: 50, min: 0, max: 50_000 }),
    after: Flags.integer({ description: 'Only events with a higher number.', min: 0 }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Events);
    const json = flags.output === 'json';
    const after = flags.after === undefined ? {} : { after: flags.after };
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const query: EventsQuery = { selectors, limit: flags.limit, ...after };
    const past = unwrap(await api.events(query));
    if (!flags.watch) {
      this.print(json ? renderJson(past) : renderEvents(past.items, this.outStyle));
      return EXIT.OK;
    }
    // A stream is one object a line, the past ones included.
    for (const event of past.items)
      this.print(json ? renderJsonLine(event) : renderEvent(event, this.outStyle));
    const last = past.items.at(-1)?.seq ?? flags.after;
    const follow: EventsQuery = { selectors, ...(last === undefined ? {} : { after: last }) };
    for await (const event of api.followEvents(follow)) {
      this.print(json ? renderJsonLine(event) : renderEvent(event, this.outStyle));
    }
    return EXIT.OK;
  }
}
