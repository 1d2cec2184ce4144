import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { dateFormatter } from '../../../lib/lines/date-format.ts';
import { LineOutput } from '../../logs/line-output.ts';
import { printedLine, type LineForm } from '../../logs/line-printer.ts';
import { momentOf } from '../../logs/moment.ts';
import { unwrap } from '../../session/failures.ts';
import { TargetCommand, targetFileFlags } from '../target-command.ts';

const DEFAULT_LINES = 15;
/** As `logs` of a host has it. */
const TIME_FORMAT = 'YYYY-MM-DDTHH:mm:ss.SSSZ';

/** `logs --target`: what the pods of apps wrote, merged by time; with `-f` also what they write. */
export default class TargetLogs extends TargetCommand {
  static override changesNothing = true;
  static override endsWithReader = true;
  static override summary = 'Show what the pods of apps wrote, merged by time, and follow it with -f.';
  static override description =
    'Of the pods that are there: the cluster keeps no others. Standard output and standard error are one stream there.';
  static override examples = ['<%= config.bin %> logs api --target kubernetes -f'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Names of apps; default: all.', ignoreStdin: true }),
  };
  static override flags = {
    ...targetFileFlags,
    follow: Flags.boolean({ char: 'f', description: 'Print further lines as they are written.' }),
    lines: Flags.integer({
      char: 'n',
      description: 'How many past lines of all apps together, at most 10000; 15, or with --since all.',
      min: 0,
      max: 10_000,
    }),
    since: Flags.string({
      description: 'Only lines since: a duration (10m), 14:30, a date or a time (RFC 3339).',
      helpValue: 'WHEN',
    }),
    timestamps: Flags.boolean({ char: 't', description: 'Put the time of each line in front.' }),
    raw: Flags.boolean({ description: 'The text of each line, and nothing else.' }),
    json: Flags.boolean({ description: 'One JSON object a line.', exclusive: ['raw'] }),
  };

  protected override readonly needsImage = false;

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TargetLogs);
    const since =
      flags.since === undefined ? undefined : momentOf('--since', flags.since, this.context.clock.now());
    return this.withTarget(flags, 'not', async (target, documents) =>
      this.interruptible({ wait: true, timeout: 0 }, async ({ signal }) => {
        const asked = {
          apps: this.appNames(args, documents),
          lines: flags.lines ?? (since === undefined ? DEFAULT_LINES : null),
          ...(since !== undefined && { since }),
          follow: flags.follow,
          signal,
        };
        const output = new LineOutput(this.context.streams.stdout);
        const form = this.#form(flags);
        for await (const line of unwrap(await target.logs(asked))) output.write(printedLine(line, form));
        output.flush();
        return signal.aborted ? EXIT.INTERRUPTED : EXIT.OK;
      }),
    );
  }

  #form(flags: { readonly raw: boolean; readonly json: boolean; readonly timestamps: boolean }): LineForm {
    if (flags.raw) return { kind: 'raw' };
    if (flags.json) return { kind: 'json' };
    return {
      kind: 'text',
      style: this.outStyle,
      escape: this.context.streams.stdout.isTTY === true,
      ...(flags.timestamps && { time: dateFormatter(TIME_FORMAT) }),
    };
  }
}
