import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { signalOfHost } from '../../../api/contract/wire/signals.ts';
import { nearestSignal } from '../../../lib/signals.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { renderMessageResults } from '../../views/message-results.ts';

/** `signal`: to the processes of apps. */
export default class Signal extends BaseCommand {
  static override aliases = ['sendSignal'];
  static override summary = 'Send a signal to the main process of each instance.';
  static override description = `An app that ends over it is started again, like after any end that nobody asked for: to end one, use stop.
Exit 1 when no process got it.`;
  static override examples = [
    '<%= config.bin %> signal SIGUSR2 shop/web',
    '<%= config.bin %> signal HUP web:0',
    '<%= config.bin %> signal SIGTERM workers --tree',
  ];
  static override strict = false;
  static override args = {
    signal: Args.string({ description: 'SIGHUP, HUP or its number.', ignoreStdin: true }),
    app: Args.string({ description: 'Selectors of apps.', ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    tree: Flags.boolean({ description: 'Also to everything in the process group of the instance.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Signal);
    const [word, ...apps] = args;
    if (word === undefined || apps.length === 0) {
      throw usageError('name a signal and an app', 'stateward signal SIGUSR2 shop/web');
    }
    const signal = signalOfHost(word);
    if (signal === undefined) {
      throw usageError(
        `${JSON.stringify(word)} is not a signal of this host`,
        `${meantBy(word, apps)}write SIGUSR2, USR2, SIGRTMIN+3 or its number; first the signal, then the app`,
      );
    }
    const api = this.connect();
    const selectors = await this.selectorsNamed(apps, api);
    const response = unwrap(await api.signal({ selectors, signal, tree: flags.tree, by: whoAmI() }));
    this.print(flags.output === 'json' ? renderJson(response) : renderMessageResults(response));
    return response.results.some(({ sent }) => sent) ? EXIT.OK : EXIT.FAILED;
  }
}

/** What was probably meant: another signal, or the words the other way round. */
function meantBy(word: string, apps: readonly string[]): string {
  const later = apps.findIndex((app) => signalOfHost(app) !== undefined);
  if (later !== -1) {
    const words = [apps[later], word, ...apps.filter((_app, index) => index !== later)];
    return `did you mean stateward signal ${words.join(' ')}? `;
  }
  const meant = nearestSignal(word);
  return meant === null ? '' : `did you mean ${meant}? `;
}
