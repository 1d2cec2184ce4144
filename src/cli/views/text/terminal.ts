/** The part of a writable stream that views need; tests pass their own. */
export interface OutputStream {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

/** Data goes to `stdout`; messages, progress and warnings go to `stderr`. */
export interface Streams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

/** Columns of the terminal that a stream is; undefined: it is none, and nothing is cut. */
export function terminalWidth({ isTTY, columns }: OutputStream): number | undefined {
  return isTTY === true ? columns : undefined;
}

/** Whether a stream is a terminal whose cursor can be moved. */
export function canMoveCursor(
  { isTTY }: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTTY === true && env['TERM'] !== 'dumb';
}

/** Colours a text, or leaves it as it is. */
export type Paint = (text: string) => string;

/** Colours for one stream. Every function gives its text back as it was when colours are off. */
export interface Style {
  readonly enabled: boolean;
  readonly red: Paint;
  readonly green: Paint;
  readonly yellow: Paint;
  readonly blue: Paint;
  readonly magenta: Paint;
  readonly cyan: Paint;
  readonly bold: Paint;
  readonly dim: Paint;
}

/** What decides about colours, beside the stream itself. */
export interface ColorRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--no-color` was given. */
  readonly noColor: boolean;
}

/**
 * Whether `stream` gets colours: never with `--no-color` or a non-empty NO_COLOR; else as FORCE_COLOR says, if it is
 * set (`0` and `false` turn colours off); else on a terminal that is not dumb.
 */
export function wantsColor(stream: OutputStream, request: ColorRequest): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = request.env;
  if (request.noColor || (NO_COLOR !== undefined && NO_COLOR !== '')) return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}

/** Colours by their ANSI codes, or the identity when `enabled` is false. */
export function createStyle(enabled: boolean): Style {
  const paint =
    (open: number, close: number): Paint =>
    (text) =>
      enabled && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    enabled,
    red: paint(31, 39),
    green: paint(32, 39),
    yellow: paint(33, 39),
    blue: paint(34, 39),
    magenta: paint(35, 39),
    cyan: paint(36, 39),
    bold: paint(1, 22),
    dim: paint(2, 22),
  };
}
