import type { Style } from '../views/text/terminal.ts';

/** Foregrounds that are told apart, without the red of errors. */
const COLORS = [36, 33, 32, 35, 34, 96, 93, 92, 95, 94];

/** The name of an app in a colour of its own: the same one each time, and on each host. */
export function inColorOf(app: string, text: string, style: Style): string {
  if (!style.enabled) return text;
  let hash = 0x811c9dc5;
  for (const character of app) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return `\u001b[${COLORS[hash % COLORS.length] ?? 36}m${text}\u001b[39m`;
}
