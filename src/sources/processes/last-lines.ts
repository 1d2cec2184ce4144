import { stripVTControlCharacters } from 'node:util';

const MOST = 15;
const MAX_LINE = 300;
const ESCAPE = '\u001b';
/** Titles and links, which hold any text. */
const TITLES = new RegExp(`${ESCAPE}\\][^${ESCAPE}\u0007]*(?:\u0007|${ESCAPE}\\\\)`, 'g');

/** The last lines that a program wrote, for people: without what moves a cursor or colours. */
export function lastLines(text: string): readonly string[] {
  return stripVTControlCharacters(text.replaceAll(TITLES, ''))
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/\p{C}/gu, ' ').trimEnd().slice(0, MAX_LINE))
    .filter((line) => line.trim() !== '')
    .slice(-MOST);
}
