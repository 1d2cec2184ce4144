/** Modes that outlive the program that has turned them on, and what turns them off again. */
const LEFT_ON: ReadonlyMap<string, string> = new Map([
  ['1', '\x1b[?1l'],
  // The mouse.
  ...['1000', '1002', '1003', '1004', '1005', '1006', '1015'].map(
    (mode) => [mode, `\x1b[?${mode}l`] as const,
  ),
  // A screen of its own.
  ...['47', '1047', '1049'].map((mode) => [mode, `\x1b[?${mode}l`] as const),
  ['2004', '\x1b[?2004l'],
]);
/** Off is the unusual state of this one: the cursor. */
const CURSOR = '25';
const LONGEST = 32;

const ESCAPE = '\x1b';
const CHANGES = new RegExp(`${ESCAPE}\\[\\?([\\d;]+)([hl])`, 'g');
const BEGINS_WITH_ONE = new RegExp(`^${CHANGES.source}`);

/** What an app has changed of the terminal that somebody looks at it with, to be put right when they look away. */
export class TerminalModes {
  readonly #on = new Set<string>();
  #isCursorHidden = false;
  #rest = '';

  /** Reads what is shown. */
  watch(bytes: Buffer): void {
    const text = this.#rest + bytes.toString('latin1');
    for (const [, modes = '', way] of text.matchAll(CHANGES)) {
      for (const mode of modes.split(';')) this.#set(mode, way === 'h');
    }
    const last = text.lastIndexOf(ESCAPE);
    const isWhole = last === -1 || text.length - last > LONGEST || BEGINS_WITH_ONE.test(text.slice(last));
    this.#rest = isWhole ? '' : text.slice(last);
  }

  /** What makes the terminal as it was: colours too. */
  restored(): string {
    const off = [...this.#on].map((mode) => LEFT_ON.get(mode) ?? '').join('');
    return `${off}${this.#isCursorHidden ? '\x1b[?25h' : ''}\x1b[0m`;
  }

  #set(mode: string, isOn: boolean): void {
    if (mode === CURSOR) this.#isCursorHidden = !isOn;
    else if (!isOn) this.#on.delete(mode);
    else if (LEFT_ON.has(mode)) this.#on.add(mode);
  }
}
