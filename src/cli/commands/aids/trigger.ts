import { text } from 'node:stream/consumers';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { isFilter } from '../../../api/contract/selector-filters.ts';
import { DEFAULT_ACTION_MS, MAX_ACTION_MS } from '../../../api/contract/wire/custom/custom.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { formatDuration } from '../../../lib/units.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { actionsExitCode, renderActionResults } from '../../views/custom/action-results.ts';
import { renderJson } from '../../views/json.ts';
import { BaseCommand } from '../base/base-command.ts';
import { optionalDurationFlag, selectionFlags } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';

/** `trigger`: an action that apps offer. */
export default class Trigger extends BaseCommand {
  static override summary = 'Have apps do something that they offer, and print what they reply.';
  static override description =
    'An app offers actions by a message, or by io.action of @pm2/io (docs/custom-metrics.md); describe APP lists them. Every ' +
    'instance that the selector names is asked. The parameter is given as text, with --json as the value that it is. Exit 1 ' +
    'when an instance could not, or offers no such action; 4 when one has not replied in time.';
  static override examples = [
    '<%= config.bin %> trigger shop/web flush',
    '<%= config.bin %> trigger web:0 log-level debug',
    '<%= config.bin %> trigger -l tier=web limits \'{"perSecond":50}\' --json',
  ];
  static override args = {
    app: Args.string({
      description:
        'Selector: all, name, project/name, name:slot, id, /regex/, namespace. With -l or -n there is none.',
      required: true,
      ignoreStdin: true,
    }),
    action: Args.string({ description: 'What it is to do.', required: true, ignoreStdin: true }),
    parameter: Args.string({
      description: 'What the action is given; - reads it from standard input.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...selectionFlags,
    json: Flags.boolean({ description: 'The parameter is JSON.' }),
    timeout: optionalDurationFlag(
      `How long each instance has to reply: ${formatDuration(DEFAULT_ACTION_MS)}, at most ${formatDuration(MAX_ACTION_MS)}.`,
    ),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Trigger);
    const filters = args.filter(isFilter);
    const words = args.filter((word) => !isFilter(word));
    const apps = filters.length > 0 ? filters : words.slice(0, 1);
    const [action, given] = filters.length > 0 ? words : words.slice(1);
    if (apps.length === 0 || action === undefined) {
      throw usageError(
        'name an app and an action',
        'stateward trigger shop/web flush; describe APP lists its actions',
      );
    }
    const parameter = given === undefined ? undefined : await parameterOf(given, flags.json);
    const timeoutMs = checkedTimeout(flags.timeout);
    const api = this.connect();
    const selectors = await this.selectorsNamed(apps, api);
    const response = unwrap(
      await api.runAction({
        ...{ selectors, action, timeoutMs, by: whoAmI() },
        ...(parameter !== undefined && { parameter }),
      }),
    );
    this.print(flags.output === 'json' ? renderJson(response) : renderActionResults(response));
    return actionsExitCode(response);
  }
}

async function parameterOf(given: string, isJson: boolean): Promise<unknown> {
  const words = given === '-' ? (await text(process.stdin)).replace(/\n$/, '') : given;
  if (!isJson) return words;
  try {
    return JSON.parse(words) as unknown;
  } catch (error) {
    throw usageError(
      `the parameter is no JSON: ${error instanceof Error ? error.message : String(error)}`,
      'without --json it is given as text',
    );
  }
}

function checkedTimeout(ms = DEFAULT_ACTION_MS): number {
  if (ms >= 1 && ms <= MAX_ACTION_MS) return ms;
  throw usageError(`--timeout must be from 1ms to ${formatDuration(MAX_ACTION_MS)}`);
}
