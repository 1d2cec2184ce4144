import { Terminal } from '@xterm/headless';

/** A terminal without a window: what a person would see after all that was written to it. */
export interface Screen {
  /** As a stream: bytes go through the same line discipline as a real terminal's. */
  readonly stream: { write(text: string): boolean; readonly isTTY: true; columns: number; rows: number };
  /** Everything written so far. */
  readonly written: () => string;
  /** The lines on the screen, without blanks at their ends and without empty lines at the end. */
  lines(): Promise<readonly string[]>;
  resize(columns: number, rows: number): Promise<void>;
  /** `alternate` while a full screen is shown. */
  readonly buffer: () => 'normal' | 'alternate';
}

export function createScreen(columns = 80, rows = 24): Screen {
  const terminal = new Terminal({ cols: columns, rows, allowProposedApi: true });
  let all = '';
  const flushed = (): Promise<void> => new Promise((resolve) => terminal.write('', resolve));
  const stream = {
    isTTY: true as const,
    columns,
    rows,
    write(text: string): boolean {
      all += text;
      terminal.write(text.replaceAll('\n', '\r\n'));
      return true;
    },
  };
  return {
    stream,
    written: () => all,
    async lines() {
      await flushed();
      const { active } = terminal.buffer;
      const lines: string[] = [];
      for (let at = 0; at < terminal.rows; at += 1) {
        lines.push(active.getLine(active.baseY + at)?.translateToString(true) ?? '');
      }
      while (lines.at(-1) === '') lines.pop();
      return lines;
    },
    async resize(width, height) {
      await flushed();
      terminal.resize(width, height);
      stream.columns = width;
      stream.rows = height;
    },
    buffer: () => terminal.buffer.active.type,
  };
}
