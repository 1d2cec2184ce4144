import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { parseDuration } from '../../../lib/units.ts';
import { linesSelectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { usageError } from '../../session/failures.ts';
import { asksForJson } from '../base/output-format.ts';
import { renderJsonLine } from '../../views/json.ts';
import { renderLogLine } from '../../views/apps/log-line.ts';

/** `logs`: what apps wrote, merged; with `-f` also what they write. */
export default class Logs extends BaseCommand {
  static override aliases = ['log'];
  static override changesNothing = true;
  static override summary = 'Show what apps wrote, and follow it with -f.';
  static override examples = [
    '<%= config.bin %> logs shop/api -f',
    '<%= config.bin %> logs --since 10m --grep "timeout|refused" --err',
  ];
  static override strict = false;
  static override pm2 = 'logs' as const;
  static override args = { app: Args.string({ description: 'Selectors; default: all.', ignoreStdin: true }) };
  static override flags = {
    ...linesSelectionFlags,
    follow: Flags.boolean({ char: 'f', description: 'Print further lines as they are written.' }),
    lines: Flags.integer({
      char: 'n',
      description: 'How many past lines, at most 10000.',
      default: 15,
      min: 0,
      max: 10_000,
    }),
    since: Flags.string({
      description: 'Only lines since: a duration (10m) or a time (RFC 3339).',
      helpValue: 'WHEN',
    }),
    grep: Flags.string({ description: 'Only lines that match this regular expression.', helpValue: 'REGEX' }),
    out: Flags.boolean({ description: 'Only standard output.', exclusive: ['err'] }),
    err: Flags.boolean({ description: 'Only standard error.' }),
    raw: Flags.boolean({ description: 'Only the text, without the app in front.' }),
    json: Flags.boolean({ description: 'One JSON object a line (also -o json).' }),
    output: Flags.option({ char: 'o', options: ['text', 'json'] as const, default: 'text', hidden: true })(),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Logs);
    const since = this.#since(flags.since);
    const matches = lineFilter(flags.grep);
    const json = flags.json || asksForJson(this.argv);
    const api = this.connect();
    const escape = this.context.streams.stdout.isTTY === true;
    const options = { style: this.outStyle, escape, raw: flags.raw };
    const query = {
      selectors: await this.selectorsNamed(args, api),
      lines: flags.lines,
      ...(since === undefined ? {} : { since }),
      stream: flags.out ? 'out' : flags.err ? 'err' : 'all',
      follow: flags.follow,
    } as const;
    const lines = api.logs(query, { onNotice: ({ app, notice }) => this.note(`${app}: ${notice}`) });
    for await (const line of lines) {
      if (!matches(line.line)) continue;
      this.print(json ? renderJsonLine(line) : renderLogLine(line, options));
    }
    return EXIT.OK;
  }

  #since(text: string | undefined): string | undefined {
    if (text === undefined) return undefined;
    const ago = parseDuration(text);
    const at = ago === undefined ? Date.parse(text) : this.context.clock.now() - ago;
    if (Number.isNaN(at)) {
      throw usageError(
        `--since: ${JSON.stringify(text)} is not a time`,
        'write 10m, 2h or 2026-01-31T12:00:00Z',
      );
    }
    return new Date(at).toISOString();
  }
}

function lineFilter(pattern: string | undefined): (line: string) => boolean {
  if (pattern === undefined) return () => true;
  try {
    const expression = new RegExp(pattern);
    return (line) => expression.test(line);
  } catch {
    throw usageError(`--grep: ${JSON.stringify(pattern)} is not a regular expression`);
  }
}
