import { betweenColors, RESET, splitColors } from './colors.ts';

const PRINTABLE_ASCII = /^[\x20-\x7e]*$/;
/** Every control character but the tab, and those that turn the direction of what follows. */
const CONTROL = /[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/gu;

/** Columns that `text` takes in a terminal: East Asian wide characters and emoji take two, combining marks none. */
export function displayWidth(text: string): number {
  if (PRINTABLE_ASCII.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += characterWidth(character.codePointAt(0) ?? 0);
  return width;
}

/** `text` followed by the blanks that bring it to `width` columns; a longer text comes back as it is. */
export function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)));
}

/** `text` cut to `width` columns, with an ellipsis where something is missing. */
export function cutTo(text: string, width: number): string {
  if (displayWidth(text) <= width) return text;
  let cut = '';
  let left = width - 1;
  for (const character of text) {
    left -= characterWidth(character.codePointAt(0) ?? 0);
    if (left < 0) break;
    cut += character;
  }
  return `${cut}…`;
}

/**
 * Makes a line from elsewhere safe for a terminal: control characters other than the tab, and those that change the
 * direction of text, are shown as `\x1b`. With `keepColors`, sequences that only colour text stay, and are reset at the
 * end of the line.
 */
export function escapeControls(line: string, keepColors: boolean): string {
  if (!keepColors || splitColors(line).length === 1) return escapeAll(line);
  return betweenColors(line, escapeAll) + RESET;
}

function escapeAll(text: string): string {
  return text.replace(CONTROL, (character) => {
    const code = character.charCodeAt(0);
    return code > 0xff ? `\\u${code.toString(16)}` : `\\x${code.toString(16).padStart(2, '0')}`;
  });
}

/** Columns of one character, by its code point. */
export function characterWidth(code: number): 0 | 1 | 2 {
  if (code < 0x0300) return 1;
  if (isCombining(code)) return 0;
  return isWide(code) ? 2 : 1;
}

/** Marks of every script, joiners, and what chooses how the character before it looks. */
const COMBINING = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Older symbols that terminals show as emoji. */
const EMOJI = /^\p{Emoji_Presentation}$/u;

function isCombining(code: number): boolean {
  return COMBINING.test(String.fromCodePoint(code));
}

function isWide(code: number): boolean {
  return (
    (code >= 0x231a && code <= 0x2bff && EMOJI.test(String.fromCodePoint(code))) ||
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe6f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0xffe0 && code <= 0xffe6) ||
    (code >= 0x1f300 && code <= 0x1faff) ||
    (code >= 0x20000 && code <= 0x3fffd)
  );
}
