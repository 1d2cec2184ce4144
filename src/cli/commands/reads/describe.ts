import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { appKey } from '../../../lib/app-key.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { isBroken, lastLogLines } from '../../wait/last-log-lines.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderDescription } from '../../views/describe/describe.ts';
import { renderJson } from '../../views/json.ts';
import { renderYaml } from '../../views/yaml.ts';

const EVENTS_SHOWN = 10;

/** `describe`: everything that is known of an app, for people. */
export default class Describe extends BaseCommand {
  static override aliases = ['show', 'desc', 'info'];
  static override changesNothing = true;
  static override summary = 'Show everything about an app: state, instances, what it waits for, last events.';
  static override examples = ['<%= config.bin %> describe shop/api'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    'show-secrets': Flags.boolean({ description: 'Print secret values.' }),
    output: outputFlag(['table', 'json', 'yaml']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Describe);
    if (args.length === 0) throw usageError('name an app', 'stateward get lists them');
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const spec = flags['show-secrets'] ? 'full' : 'redacted';
    // Mostly it is one app: its events are read while the daemon looks where the processes listen.
    const isShown = flags.output === 'table' && selectors.length === 1;
    const eventsAhead = isShown ? api.events({ selectors, limit: EVENTS_SHOWN }) : null;
    eventsAhead?.catch(() => undefined);
    const list = unwrap(await api.apps({ selectors, spec, ports: true }));
    if (flags.output === 'json') this.print(renderJson(list));
    else if (flags.output === 'yaml') this.print(await renderYaml(list));
    else {
      const descriptions: string[] = [];
      for (const app of list.items) {
        const selectors = [appKey(app.project, app.name)];
        const asked = list.items.length === 1 ? eventsAhead : null;
        const events = unwrap(await (asked ?? api.events({ selectors, limit: EVENTS_SHOWN }))).items;
        const log = isBroken(app.status.health) ? await lastLogLines(appKey(app.project, app.name), api) : [];
        const options = { style: this.outStyle, nowMs: this.context.clock.now(), log };
        descriptions.push(await renderDescription(app, events, options));
      }
      this.print(descriptions.join('\n'));
    }
    return EXIT.OK;
  }
}
