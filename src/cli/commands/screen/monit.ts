import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { constants } from 'node:os';
import type { Api } from '../../session/api.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { keepQuietOfOlder } from '../../session/connect.ts';
import { unwrap } from '../../session/failures.ts';
import { sortApps } from '../../views/apps/app-order.ts';
import { renderApps } from '../../views/apps/app-table.ts';
import { terminalWidth } from '../../views/text/terminal.ts';

/** `monit`: the apps on a full screen, until somebody leaves it. */
export default class Monit extends BaseCommand {
  static override aliases = ['imonit'];
  static override changesNothing = true;
  static override summary =
    'Watch apps on a full screen: state, use, logs, plan, rollouts; ? lists the keys.';
  static override description = `What needs attention comes first. Keys look into the app that is selected (detail, log, plan, rollout, events)
and act on it; each action asks first, and none is there with --read-only.

Without a terminal, and on one that is dumb, it prints the table of get once.`;
  static override examples = ['<%= config.bin %> monit', '<%= config.bin %> monit shop --read-only'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps; default: all.', ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    'read-only': Flags.boolean({ description: 'Look only: no key changes anything.' }),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Monit);
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const { stdin: input, stdout: output } = process;
    const isDumb = this.context.env['TERM'] === 'dumb';
    if (!input.isTTY || !output.isTTY || isDumb) {
      const why = isDumb ? 'this terminal (TERM=dumb) has no full screen' : 'monit needs a terminal';
      return this.#once(api, selectors, why);
    }
    // Whoever asks for an app that is not there, or without a daemon, is told so before the screen is taken.
    unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
    // A note would be written across the screen.
    keepQuietOfOlder(this.context);
    const style = this.outStyle;
    const options = { api, context: this.context, style };
    const [{ runMonit }, { act, lineOf, loadText }] = await Promise.all([
      import('../../monit/full-screen-monit.ts'),
      import('../../monit/host.ts'),
    ]);
    const end = await runMonit({
      ...{ api, style, input, output, selectors },
      clock: this.context.clock,
      readOnly: flags['read-only'],
      load: (topic, app, live) => loadText(topic, app, { ...options, live }),
      act: (action, app) => act(action, app, options),
      textOf: lineOf,
    });
    if (end === 'left') return EXIT.OK;
    // Whoever has sent the signal sees that the process ended by it.
    process.kill(process.pid, end);
    return (128 + constants.signals[end]) as ExitCode;
  }

  async #once(api: Api, selectors: readonly string[], why: string): Promise<ExitCode> {
    const list = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
    const items = sortApps(list.items, { key: 'health' });
    const columns = terminalWidth(this.context.streams.stdout);
    const nowMs = this.context.clock.now();
    this.print(
      renderApps({ ...list, items }, { style: this.outStyle, nowMs, noHeaders: false, wide: false, columns }),
    );
    if (items.length === 0) this.note('no apps');
    this.note(`${why}: this is how it is now (stateward get -w follows, get -o json is for programs)`);
    return EXIT.OK;
  }
}
