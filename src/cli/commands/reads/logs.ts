import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { LogsQuery } from '../../../api/contract/endpoints/logs-query.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { dateFormatter } from '../../../lib/lines/date-format.ts';
import { linesSelectionFlags, targetFlag } from '../base/flags.ts';
import { highlighted } from '../../logs/highlight.ts';
import { LineOutput } from '../../logs/line-output.ts';
import { printedLine, skippedText, type LineForm } from '../../logs/line-printer.ts';
import { linesAsked, logFlags, TIME_FORMAT } from '../../logs/log-flags.ts';
import { logStream } from '../../logs/log-stream.ts';
import { momentOf } from '../../logs/moment.ts';
import { readTimestampFlag } from '../../logs/timestamp-flag.ts';
import { BaseCommand } from '../base/base-command.ts';
import { usageError } from '../../session/failures.ts';
import { whoAnswers } from '../../logs/who-answers.ts';
import { asksForJson } from '../base/output-format.ts';
import { sourceOf } from '../../views/apps/log-line.ts';
import { displayWidth } from '../../views/text/text.ts';

const MAX_WIDTH = 40;

/** `logs`: what apps wrote, merged by time; with `-f` also what they write. */
export default class Logs extends BaseCommand {
  static override aliases = ['log'];
  static override changesNothing = true;
  static override endsWithReader = true;
  static override summary = 'Show what apps wrote, merged by time, and follow it with -f.';
  static override examples = [
    '<%= config.bin %> logs shop/api -f',
    '<%= config.bin %> logs --since 10m --grep "timeout|refused" --err',
    '<%= config.bin %> logs api worker -t -n 100',
    '<%= config.bin %> logs --daemon --since 1h',
  ];
  static override strict = false;
  static override args = { app: Args.string({ description: 'Selectors; default: all.', ignoreStdin: true }) };
  static override flags = {
    ...linesSelectionFlags,
    follow: logFlags.follow,
    nostream: Flags.boolean({
      description: 'Print what is there and end, as without -f.',
      exclusive: ['follow'],
    }),
    lines: logFlags.lines,
    since: logFlags.since,
    until: Flags.string({
      description: 'Only lines until then.',
      helpValue: 'WHEN',
      exclusive: ['follow'],
    }),
    timestamps: logFlags.timestamps,
    timestamp: Flags.string({
      description: 'The same, in this form (YYYY-MM-DD HH:mm:ss).',
      helpValue: 'FORMAT',
    }),
    grep: Flags.string({
      description: 'Only lines that match this regular expression (again: one of them).',
      helpValue: 'REGEX',
      multiple: true,
      multipleNonGreedy: true,
    }),
    invert: Flags.boolean({ description: 'Only lines that --grep does not match.', dependsOn: ['grep'] }),
    highlight: Flags.string({
      description: 'Mark this word (again: others too).',
      helpValue: 'WORD',
      multiple: true,
      multipleNonGreedy: true,
    }),
    out: Flags.boolean({ description: 'Only standard output.', exclusive: ['err'] }),
    err: Flags.boolean({ description: 'Only standard error.' }),
    raw: logFlags.raw,
    json: logFlags.json,
    format: Flags.boolean({
      description: 'key=value pairs: timestamp, app, id, type, message.',
      exclusive: ['raw', 'json'],
    }),
    daemon: Flags.boolean({ description: 'What the daemon itself has said.' }),
    ...targetFlag,
    output: logFlags.output,
  };

  async run(): Promise<ExitCode> {
    this.argv = readTimestampFlag(this.argv);
    const { flags, args } = await this.parseLine(Logs);
    const now = this.context.clock.now();
    const { lines, since } = linesAsked(flags, now);
    const until = flags.until === undefined ? undefined : momentOf('--until', flags.until, now);
    if (since !== undefined && until !== undefined && since > until) {
      throw usageError('--since is later than --until', 'nothing can be written in between');
    }
    if (flags.daemon && args.length > 0) {
      throw usageError('--daemon cannot go with an app', 'the daemon has one log for all of them');
    }
    const grep = flags.grep ?? [];
    for (const pattern of grep) checkPattern(pattern);
    const query: LogsQuery = {
      selectors: flags.daemon ? [] : await this.#selectors(args),
      lines,
      ...(since !== undefined && { since }),
      ...(until !== undefined && { until }),
      stream: flags.out ? 'out' : flags.err ? 'err' : 'all',
      follow: flags.follow,
      ...(grep.length > 0 && { grep }),
      ...(flags.invert && { invert: true }),
      ...(flags.raw && { raw: true }),
      ...(flags.daemon && { daemon: true }),
    };
    return this.#print(query, this.#form(flags, grep));
  }

  async #selectors(words: readonly string[]): Promise<readonly string[]> {
    if (words.length === 0) return words;
    return this.selectorsNamed(words, await whoAnswers(this.connect(), () => this.connectQuietly()));
  }

  #form(
    flags: {
      readonly raw: boolean;
      readonly json: boolean;
      readonly format: boolean;
      readonly daemon: boolean;
      readonly invert: boolean;
      readonly timestamps: boolean;
      readonly timestamp: string | undefined;
      readonly highlight: readonly string[] | undefined;
    },
    grep: readonly string[],
  ): LineForm {
    if (flags.json || asksForJson(this.argv)) return { kind: 'json' };
    if (flags.raw) return { kind: 'raw' };
    if (flags.format) return { kind: 'pairs' };
    const isTimed = flags.timestamps || flags.timestamp !== undefined;
    return {
      kind: 'text',
      style: this.outStyle,
      escape: this.context.streams.stdout.isTTY === true,
      marked: highlighted(flags.highlight ?? [], flags.invert ? [] : grep),
      // The daemon puts the time into its lines.
      ...(isTimed && { time: dateFormatter(flags.timestamp ?? TIME_FORMAT) }),
    };
  }

  async #print(query: LogsQuery, form: LineForm): Promise<ExitCode> {
    const output = new LineOutput(this.context.streams.stdout);
    const say = (line: string): void => {
      output.flush();
      this.note(line);
    };
    const isTerminal = this.context.streams.stdout.isTTY === true;
    let [count, width] = [0, 0];
    const isWanted = lineTest(query);
    const lines = logStream(query, {
      api: this.connect(),
      home: this.home,
      program: this.context.files.daemon,
      onNotice: ({ notice }) => say(notice),
      onSkip: (skip) =>
        form.kind === 'text' ? output.write(`${skippedText(skip)}\n`) : say(skippedText(skip)),
      onOffline: () =>
        say(
          `no daemon runs: these lines are from ${query.daemon === true ? 'its log' : 'the files that apps write to'}`,
        ),
    });
    try {
      for await (const line of lines) {
        if (!isWanted(line.line)) continue;
        count += 1;
        // On a terminal names stand below each other; in a pipe a line does not hang on those before it.
        if (isTerminal) width = Math.max(width, Math.min(MAX_WIDTH, displayWidth(sourceOf(line))));
        // Of the daemon there is one source, and the lines have their time.
        const own = form.kind === 'text' ? { ...form, width, bare: query.daemon === true } : form;
        output.write(printedLine(line, own));
      }
    } finally {
      output.flush();
    }
    if (isTerminal && form.kind === 'text') this.#lastNote(count, query);
    return EXIT.OK;
  }

  /** Whoever waits for more, or sees nothing, is told how. */
  #lastNote(count: number, { lines, grep, since }: LogsQuery): void {
    if (count === 0) {
      const what =
        grep === undefined && since === undefined ? 'nothing was written yet' : 'no line is as asked for';
      this.note(`${what} (-f follows)`);
    } else if (lines === count) this.note(`the last ${count}; -n ${count * 10} shows more, -f follows`);
    else this.note('-f follows');
  }
}

function checkPattern(pattern: string): void {
  try {
    new RegExp(pattern);
  } catch {
    throw usageError(`--grep: ${JSON.stringify(pattern)} is not a regular expression`);
  }
}

/** The daemon leaves out what is not wanted, unless it is older than this. */
function lineTest({ grep = [], invert = false }: LogsQuery): (line: string) => boolean {
  const expressions = grep.map((pattern) => new RegExp(pattern));
  if (expressions.length === 0) return () => true;
  return (line) => expressions.some((expression) => expression.test(line)) !== invert;
}
