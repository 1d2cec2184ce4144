import * as Args from '@oclif/core/args';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { dateFormatter } from '../../../lib/lines/date-format.ts';
import { longFileFlag } from '../../commands/base/flags.ts';
import { linesAsked, logFlags, TIME_FORMAT } from '../../logs/log-flags.ts';
import { LineOutput } from '../../logs/line-output.ts';
import { printedLine, type LineForm } from '../../logs/line-printer.ts';
import { unwrap } from '../../session/failures.ts';
import { TargetCommand, targetFileFlags } from '../target-command.ts';

/** `logs --target`: what the pods of apps wrote, merged by time; with `-f` also what they write. */
export default class TargetLogs extends TargetCommand {
  static override changesNothing = true;
  static override endsWithReader = true;
  static override summary = 'Show what the pods of apps wrote, merged by time, and follow it with -f.';
  static override description =
    'Of the pods that are there: the cluster keeps no others. Standard output and standard error are one stream there. Exits ' +
    'with 1 when the log of a pod cannot be read.';
  static override examples = ['<%= config.bin %> logs api --target kubernetes -f'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Names of apps; default: all.', ignoreStdin: true }),
  };
  static override flags = {
    ...targetFileFlags,
    // -f follows, as it does of a host.
    ...longFileFlag,
    ...logFlags,
  };

  protected override readonly images = 'unneeded';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TargetLogs);
    const asked = linesAsked(flags, this.context.clock.now());
    return this.withTarget(flags, 'not', async (target, documents) =>
      this.interruptible({ wait: true, timeout: 0 }, async ({ signal }) => {
        const apps = this.appNames(args, documents);
        const output = new LineOutput(this.context.streams.stdout);
        const form = this.#form(flags);
        let code: ExitCode = EXIT.OK;
        const lines = await target.logs({ apps, ...asked, follow: flags.follow, signal });
        for await (const line of unwrap(lines)) {
          if (line.ok) output.write(printedLine(line.value, form));
          else if (!signal.aborted) {
            code = EXIT.FAILED;
            output.flush();
            this.printWarnings([line.error]);
          }
        }
        output.flush();
        return signal.aborted ? EXIT.INTERRUPTED : code;
      }),
    );
  }

  #form(flags: {
    readonly raw: boolean;
    readonly json: boolean;
    readonly output: 'text' | 'json';
    readonly timestamps: boolean;
  }): LineForm {
    if (flags.json || flags.output === 'json') return { kind: 'json' };
    if (flags.raw) return { kind: 'raw' };
    return {
      kind: 'text',
      style: this.outStyle,
      escape: this.context.streams.stdout.isTTY === true,
      ...(flags.timestamps && { time: dateFormatter(TIME_FORMAT) }),
    };
  }
}
