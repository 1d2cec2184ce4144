import type { AppKey } from '../../../lib/app-key.ts';

/** One line of a log: GET /v1/logs?selector=S&lines=N&since=RFC3339&stream=out|err|all[&follow=true], NDJSON. */
export interface LogLine {
  readonly app: AppKey;
  /** null where instances share one file. */
  readonly slot: number | null;
  readonly stream: 'out' | 'err';
  /** The line as it stands in the file, without its newline; bytes that are not UTF-8 are replaced. */
  readonly line: string;
  /** Of a line that was followed. */
  readonly mark?: string;
}

/**
 * Where in its file a client that follows has got to, to be handed back in `from` when it comes again. Of a file as a
 * whole before its first new line, and with each line after that.
 */
export interface LogMark {
  readonly mark: string;
}

export type LogItem = LogLine | LogNotice | LogMark;

/** Said between the lines where a wish could not be met as it was meant: a file without times asked for `since`. */
export interface LogNotice {
  readonly app: AppKey;
  readonly notice: string;
}
