import { displayWidth } from '../views/text/text.ts';

/** Narrower or wider text is hard to read. */
const NARROWEST = 60;
const WIDEST = 200;
/** Where there is no terminal: the same everywhere. */
const USUAL = 100;

/** Columns that help is laid out for. */
export function helpWidth(columns: number | undefined): number {
  return columns === undefined ? USUAL : Math.min(WIDEST, Math.max(NARROWEST, columns));
}

/** Text in lines of at most `width` columns, each behind `indent` blanks. A word that is longer gets a line of its own. */
export function wrapped(text: string, width: number, indent: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one) => (one === '' ? '' : ' '.repeat(indent) + one));
}

/** Columns that the names of a list take at most; a longer one stands on a line of its own. */
const WIDEST_NAME = 28;
const GAP = 2;

/** A list of names and what they are, the second column wrapped below itself. */
export function definitions(
  rows: readonly (readonly [name: string, about: string])[],
  width: number,
): readonly string[] {
  const names = rows.map(([name]) => displayWidth(name)).filter((length) => length <= WIDEST_NAME);
  const column = 2 + Math.max(0, ...names) + GAP;
  return rows.flatMap(([name, about]) => {
    const [first = '', ...rest] = wrapped(about, width, column);
    const start = `  ${name}`;
    if (first === '') return [start];
    if (displayWidth(start) + GAP > column) return [start, first, ...rest];
    return [start + ' '.repeat(column - displayWidth(start)) + first.trimStart(), ...rest];
  });
}

/** Paragraphs of a description. Lines of a list keep their first column, and wrap below the second one. */
export function paragraphs(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const item = /^(\s+\S+(?: \S+)*\s{2,}|\s+)(\S.*)$/.exec(line);
    if (item === null) return wrapped(line, width, 0);
    const [, start = '', rest = ''] = item;
    const [first = '', ...more] = wrapped(rest, width, start.length);
    return [start + first.trimStart(), ...more];
  });
}

/** A title with its lines; nothing where there are none. */
export function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...lines, ''];
}
