import type { AppKey } from '../../../lib/app-key.ts';

/** One line of a log: GET /v1/logs (see LogsQuery for what it takes), NDJSON, merged by time. */
export interface LogLine {
  /** When the app wrote it, RFC 3339; null: nobody kept it. A daemon from before times says nothing. */
  readonly time?: string | null;
  readonly app: AppKey;
  readonly project?: string;
  /** null where instances share one file, and it is not known which of them wrote the line. */
  readonly slot: number | null;
  readonly stream: 'out' | 'err';
  /** How many instances the app has now. */
  readonly instances?: number;
  /** The line as it stands in the file, without its newline; bytes that are not UTF-8 are replaced. */
  readonly line: string;
  /** Where bytes were replaced, and `raw` was asked for: the line in base64. */
  readonly bytes?: string;
  /** Of a line that was followed. */
  readonly mark?: string;
}

/**
 * Where in its file a client that follows has got to, to be handed back in `from` when it comes again. Of a file as a
 * whole before its first new line, and with each line after that. The first one says only when it was that it began; with
 * the next ones nothing is missed that is written from then on.
 */
export interface LogMark {
  readonly mark: string;
}

/** Lines that are missing here: the reader was so slow that their files were rotated away, or about to be. */
export interface LogSkip {
  readonly app: AppKey;
  /** null: nobody knows how many. */
  readonly skipped: number | null;
  readonly mark: string;
}

export type LogItem = LogLine | LogNotice | LogMark | LogSkip;

/** Said between the lines where a wish could not be met as it was meant: a file without times asked for `since`. */
export interface LogNotice {
  readonly app: AppKey;
  readonly notice: string;
}
