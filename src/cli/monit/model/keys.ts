/** A key as it was pressed: a character, or the name of a key that has none. */
export type Key =
  | { readonly char: string }
  | {
      readonly name:
        | 'up'
        | 'down'
        | 'left'
        | 'right'
        | 'page-up'
        | 'page-down'
        | 'home'
        | 'end'
        | 'enter'
        | 'escape'
        | 'backspace'
        | 'tab'
        | 'interrupt'
        | 'suspend'
        | 'redraw'
        | 'clear';
    };

type KeyName = Extract<Key, { readonly name: unknown }>['name'];

const SEQUENCES: Readonly<Record<string, KeyName>> = {
  ...{ A: 'up', B: 'down', C: 'right', D: 'left', H: 'home', F: 'end' },
  ...{ '1~': 'home', '7~': 'home', '4~': 'end', '8~': 'end', '5~': 'page-up', '6~': 'page-down' },
};

const CONTROLS: Readonly<Record<string, KeyName>> = {
  ...{ '\r': 'enter', '\n': 'enter', '\t': 'tab', '\u007f': 'backspace', '\b': 'backspace' },
  ...{ '\u0003': 'interrupt', '\u001a': 'suspend', '\f': 'redraw', '\u0015': 'clear' },
  ...{ '\u0002': 'page-up', '\u0006': 'page-down', '\u000e': 'down', '\u0010': 'up' },
};

const ESCAPE = '\u001b';
/** Parameters, and the letter that ends them. */
const CSI = /^\[([0-9;]*)([A-Za-z~])/;
const SS3 = /^O([A-Z])/;
/** A sequence of which the end has not come yet. */
const OPEN = /^(?:\[[0-9;]*|O)?$/;

/** What was pressed, and what may be the beginning of a sequence of which more comes. */
export interface ReadKeys {
  readonly keys: readonly Key[];
  readonly rest: string;
}

/** Reads what a terminal sends. A sequence that is not known is passed over whole. */
export function readKeys(text: string): ReadKeys {
  const keys: Key[] = [];
  for (let at = 0; at < text.length;) {
    const first = text[at] ?? '';
    if (first !== ESCAPE) {
      const char = String.fromCodePoint(text.codePointAt(at) ?? 0);
      const name = CONTROLS[char];
      if (name !== undefined) keys.push({ name });
      else if (!/\p{Cc}/u.test(char)) keys.push({ char });
      at += char.length;
      continue;
    }
    const after = text.slice(at + 1);
    if (OPEN.test(after)) return { keys, rest: text.slice(at) };
    const sequence = CSI.exec(after) ?? SS3.exec(after);
    if (sequence === null) {
      keys.push({ name: 'escape' });
      at += 1;
      continue;
    }
    const [whole, one = '', two = ''] = sequence;
    const name = two === '~' ? SEQUENCES[`${one.split(';')[0] ?? ''}~`] : SEQUENCES[two === '' ? one : two];
    if (name !== undefined) keys.push({ name });
    at += 1 + whole.length;
  }
  return { keys, rest: '' };
}

/** What was begun and not gone on with: a lone Esc is the key. */
export function flushKeys(rest: string): readonly Key[] {
  return rest === '' ? [] : [{ name: 'escape' }, ...readKeys(rest.slice(1)).keys];
}
