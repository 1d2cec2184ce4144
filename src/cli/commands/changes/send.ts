import { text } from 'node:stream/consumers';
import * as Args from '@oclif/core/args';
import { isFilter } from '../../../api/contract/selector-filters.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { BaseCommand } from '../base/base-command.ts';
import { sendAs } from '../../session/who-asks.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderJson } from '../../views/json.ts';
import { renderMessageResults } from '../../views/message-results.ts';

/** `send`: a message to apps, which get it as `process.on('message')`. */
export default class Send extends BaseCommand {
  static override summary = "Send a message to apps, which get it with process.on('message').";
  static override description =
    'JSON is sent as its value, anything else as text. Every instance that the ' +
    'selector names gets it. Exit 1 when none did.';
  static override examples = [
    '<%= config.bin %> send shop/web \'{"type":"flush"}\'',
    '<%= config.bin %> send web:0 hello',
    'cat settings.json | <%= config.bin %> send shop/web -',
  ];
  static override args = {
    app: Args.string({
      description: 'Selector: all, name, project/name, name:slot, id, /regex/, namespace.',
      required: true,
      ignoreStdin: true,
    }),
    message: Args.string({
      description: 'JSON or text; - reads it from standard input.',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = { ...selectionFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Send);
    const filters = args.filter(isFilter);
    const words = args.filter((word) => !isFilter(word));
    // With a filter alone, the only word is the message.
    const [given, ...apps] = words.length === 1 && filters.length > 0 ? words : words.toReversed();
    if (given === undefined || apps.length + filters.length === 0) {
      throw usageError('name an app and a message', 'stateward send shop/web \'{"type":"flush"}\'');
    }
    const message = readMessage(given === '-' ? (await text(process.stdin)).replace(/\n$/, '') : given);
    const api = this.connect();
    const selectors = await this.selectorsNamed([...apps, ...filters], api);
    const response = unwrap(
      await sendAs(whoAmI(), { selectors, message }, (request) => api.message(request)),
    );
    this.print(flags.output === 'json' ? renderJson(response) : renderMessageResults(response));
    if (response.results.length === 0) this.note('no instance runs');
    return response.results.some(({ sent }) => sent) ? EXIT.OK : EXIT.FAILED;
  }
}

function readMessage(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    return words;
  }
}
