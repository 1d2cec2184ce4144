import type { EventInfo } from '../../../api/contract/wire/events.ts';
import type { TaggedLine } from '../../../lib/lines/tagged-line.ts';
import type { Paint, Style } from '../text/terminal.ts';
import { escapeControls, padEnd } from '../text/text.ts';

/** What a foreground run prints: lines of apps, and what happens to them. */
export interface RunView {
  line(line: TaggedLine): string | Buffer;
  event(event: EventInfo): string;
  /** Something that stateward itself has to say. */
  note(text: string): string;
}

export interface TextViewOptions {
  /** Of standard output, and of standard error. */
  readonly styles: { readonly out: Style; readonly err: Style };
  /** Show control characters instead of sending them, by stream: a terminal is not steered by a log. */
  readonly escape: { readonly out: boolean; readonly err: boolean };
  /** The project whose name is left out, because every app is of it; null: there are several. */
  readonly project: string | null;
  /** The names of the instances that are known beforehand. */
  readonly labels: readonly string[];
}

const OWN = 'stateward';

/** `api:0 | line`, aligned; the bar of standard error in red. */
export function textView({ styles, escape, project, labels }: TextViewOptions): RunView {
  let width = Math.max(OWN.length, ...labels.map(({ length }) => length));
  const colours = new Map<string, number>();
  const label = (text: string): string => {
    width = Math.max(width, text.length);
    return padEnd(text, width);
  };
  const nameOf = (app: string): string =>
    project !== null && app.startsWith(`${project}/`) ? app.slice(project.length + 1) : app;
  const paintOf = (app: string, style: Style): Paint => {
    const paints = [style.cyan, style.green, style.yellow, style.blue, style.magenta];
    const index = colours.get(app) ?? colours.size;
    colours.set(app, index);
    return paints[index % paints.length] ?? style.cyan;
  };
  const own = (text: string, paint: Paint, { dim }: Style): string =>
    `${dim(label(OWN))} ${dim('|')} ${paint(escapeControls(text, false))}\n`;
  return {
    line({ app, slot, stream, bytes }) {
      const style = styles[stream];
      const bar = stream === 'err' ? style.red('|') : style.dim('|');
      const prefix = `${paintOf(app, style)(label(`${nameOf(app)}:${slot}`))} ${bar} `;
      if (!escape[stream]) return Buffer.concat([Buffer.from(prefix), bytes, NEWLINE]);
      return `${prefix}${escapeControls(bytes.toString('utf8').replace(/\r$/, ''), style.enabled)}\n`;
    },
    event({ level, key, message }) {
      const { err } = styles;
      const paint = level === 'error' ? err.red : level === 'warning' ? err.yellow : err.dim;
      return own(key === null ? message : `${nameOf(key)}: ${message}`, paint, err);
    },
    note: (text) => own(text, (plain) => plain, styles.err),
  };
}

const NEWLINE = Buffer.from('\n');

/** One object a line: `{time, app, slot, stream, line}`; of what happens `{time, app, slot, event, level, message}`. */
export function jsonView(now: () => number): RunView {
  return {
    line: ({ at, app, slot, stream, bytes }) =>
      record({ time: new Date(at).toISOString(), app, slot, stream, line: bytes.toString('utf8') }),
    event: ({ at, key, slot, reason, level, message }) =>
      record({ time: at, app: key, slot, event: reason, level, message }),
    note: (message) =>
      record({
        time: new Date(now()).toISOString(),
        app: null,
        slot: null,
        event: null,
        level: 'info',
        message,
      }),
  };
}

function record(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
