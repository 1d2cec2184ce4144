import { isObject } from '../../lib/checks.ts';
import { refNameProblem } from '../git/refs/ref-name.ts';

/** What a host says of a version: that it has succeeded with it, or not. */
export interface HostWord {
  readonly host: string;
  readonly result: 'good' | 'failed';
  /** Epoch milliseconds. */
  readonly at: number;
  /** Of a failed one: why. */
  readonly message?: string;
}

const MAX_LINES = 1_000;
const MAX_TEXT = 300;

/** The ref that holds the words about the commits of a source; nobody else writes there. */
export function notesRef(source: string): string {
  const name = refNameProblem(source) === null ? source : source.replaceAll('.', '-');
  return `refs/notes/stateward/${name}`;
}

/**
 * The words in a note: a line of JSON each. What is no word is passed over, as everybody who may push can write there; of
 * two of one host the newer counts.
 */
export function wordsIn(note: string): readonly HostWord[] {
  const words = new Map<string, HostWord>();
  for (const line of note.split('\n').slice(0, MAX_LINES)) {
    const word = wordOf(line);
    if (word !== null && word.at >= (words.get(word.host)?.at ?? 0)) words.set(word.host, word);
  }
  return [...words.values()];
}

/** The note with what a host says now, in place of what it said before; the same text when it said so already. */
export function withWord(note: string, word: HostWord): string {
  const before = wordsIn(note).find(({ host }) => host === word.host);
  if (before?.result === word.result && before.message === word.message) return note;
  const { host, result, at, message } = word;
  const line = JSON.stringify({
    ...{ host, result, at: new Date(at).toISOString() },
    ...(message !== undefined && { message: message.slice(0, MAX_TEXT) }),
  });
  const others = note.split('\n').filter((one) => one.trim() !== '' && wordOf(one)?.host !== word.host);
  return `${[...others, line].join('\n')}\n`;
}

function wordOf(line: string): HostWord | null {
  try {
    const value: unknown = JSON.parse(line);
    if (!isObject(value)) return null;
    const { host, result, at, message } = value;
    const time = typeof at === 'string' ? Date.parse(at) : Number.NaN;
    if (typeof host !== 'string' || (result !== 'good' && result !== 'failed') || Number.isNaN(time))
      return null;
    const said = typeof message === 'string' ? { message: plain(message) } : {};
    return { host, result, at: time, ...said };
  } catch {
    return null;
  }
}

function plain(text: string): string {
  return text.replaceAll(/\p{C}/gu, ' ').slice(0, MAX_TEXT);
}
