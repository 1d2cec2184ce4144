import type { LogItem, LogLine } from '../../api/contract/wire/logs.ts';

export type Level = 'error' | 'warn' | 'info' | 'debug';

/** A line as it is shown. */
export interface ShownLine {
  readonly id: number;
  readonly time: string | null;
  readonly slot: number | null;
  readonly stream: 'out' | 'err';
  readonly level: Level;
  /** Without colours; control characters are written out. */
  readonly text: string;
  /** What is said between the lines. */
  readonly isNote?: true;
}

/** Which lines are shown. Empty text and null: all. */
export interface LogFilter {
  readonly text: string;
  readonly stream: 'all' | 'out' | 'err';
  /** This bad or worse. */
  readonly level: Level | 'all';
  readonly slot: number | null;
}

const ORDER: Readonly<Record<Level, number>> = { debug: 0, info: 1, warn: 2, error: 3 };
// eslint-disable-next-line no-control-regex -- colours are made of them
const COLOURS = /\x1b\[[\d;]*[A-Za-z]/g;
const CONTROLS = /[^\P{Cc}\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const LEVELS: readonly (readonly [Level, RegExp])[] = [
  [
    'error',
    /\b(?:error|err|fatal|crit(?:ical)?|panic|uncaught|exception)\b|"level":\s*(?:"(?:error|fatal)"|[56]0)/i,
  ],
  ['warn', /\bwarn(?:ing)?\b|"level":\s*(?:"warn(?:ing)?"|40)/i],
  ['debug', /\b(?:debug|trace|verbose)\b|"level":\s*(?:"(?:debug|trace)"|[12]0)/i],
];

/** A line from elsewhere as plain text: colours are left out, what would change how others are read is written out. */
export function plainText(line: string): string {
  return line
    .replace(COLOURS, '')
    .replace(CONTROLS, (char) => `\\x${(char.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}

/** How bad a line says that it is, by its words; what says nothing is bad enough on standard error to be a warning. */
export function levelOf(text: string, stream: 'out' | 'err'): Level {
  const head = text.slice(0, 300);
  return LEVELS.find(([, pattern]) => pattern.test(head))?.[0] ?? (stream === 'err' ? 'warn' : 'info');
}

/** Lines that a tab keeps, at most; the oldest go. */
export const LINES_KEPT = 5_000;

/** The log of one app as it comes in, and where each of its files was read to. */
export class LogBook {
  readonly marks = new Map<string, string>();
  #lines: ShownLine[] = [];
  /** As they were when somebody asked last. */
  #seen: readonly ShownLine[] | null = null;
  #next = 0;
  /** Lines that were let go of. */
  dropped = 0;

  get lines(): readonly ShownLine[] {
    this.#seen ??= [...this.#lines];
    return this.#seen;
  }

  add(items: readonly LogItem[]): void {
    this.#seen = null;
    for (const item of items) this.#take(item);
    const tooMany = this.#lines.length - LINES_KEPT;
    // Not one by one: a flood would move the rest each time.
    if (tooMany > LINES_KEPT / 10) {
      this.#lines = this.#lines.slice(tooMany);
      this.dropped += tooMany;
    }
  }

  #take(item: LogItem): void {
    if ('mark' in item) this.marks.set(item.mark.split('-', 1)[0] ?? '', item.mark);
    if ('notice' in item) this.#note(item.notice);
    else if ('skipped' in item) {
      const lines = item.skipped === null ? 'lines are' : `${item.skipped} lines are`;
      this.#note(`${lines} missing here: they came faster than they could be read`);
    } else if ('line' in item) this.#lines.push(shownLine(item, this.#next++));
  }

  #note(text: string): void {
    const note = { time: null, slot: null, stream: 'out', level: 'warn', isNote: true } as const;
    this.#lines.push({ ...note, id: this.#next++, text: plainText(text) });
  }
}

function shownLine({ time = null, slot, stream, line }: LogLine, id: number): ShownLine {
  const text = plainText(line);
  return { id, time, slot, stream, level: levelOf(text, stream), text };
}

/** Whether a text between slashes can be used as a regular expression; else it is looked for as it stands. */
export function matcher(text: string): (line: string) => boolean {
  const source = /^\/(.+)\/$/.exec(text)?.[1];
  if (source !== undefined) {
    try {
      const pattern = new RegExp(source, 'i');
      return (line) => pattern.test(line);
    } catch {
      // It is still being typed.
    }
  }
  const wanted = text.toLowerCase();
  return (line) => line.toLowerCase().includes(wanted);
}

export function filtered(lines: readonly ShownLine[], filter: LogFilter): readonly ShownLine[] {
  const { text, stream, level, slot } = filter;
  if (text === '' && stream === 'all' && level === 'all' && slot === null) return lines;
  const matches = matcher(text);
  return lines.filter(
    (line) =>
      (stream === 'all' || line.stream === stream) &&
      (level === 'all' || ORDER[line.level] >= ORDER[level]) &&
      (slot === null || line.slot === slot || line.isNote === true) &&
      (text === '' || matches(line.text)),
  );
}
