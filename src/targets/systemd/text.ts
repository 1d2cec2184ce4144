/** One line of a unit; a list is one line each. */
export type Setting = readonly [key: string, value: string | number | readonly string[] | null | false];

export interface Section {
  readonly name: string;
  readonly settings: readonly Setting[];
}

/** A unit as systemd reads it. Settings without a value are left out, and sections without settings. */
export function unitText(sections: readonly Section[]): string {
  return sections
    .map(({ name, settings }) => ({ name, lines: settings.flatMap(settingLines) }))
    .filter(({ lines }) => lines.length > 0)
    .map(({ name, lines }) => `[${name}]\n${lines.map((line) => `${line}\n`).join('')}`)
    .join('\n');
}

function settingLines([key, value]: Setting): readonly string[] {
  if (value === null || value === false) return [];
  const values = typeof value === 'object' ? value : [String(value)];
  return values.map((one) => `${key}=${one}`);
}

/** Text that says itself, where systemd knows specifiers (`%i`). */
export function plain(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A word as systemd.syntax(7) has it: quoted where it needs to be. */
export function word(text: string): string {
  const escaped = plain(text)
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('\n', '\\n')
    .replaceAll('\t', '\\t')
    .replaceAll('\r', '\\r');
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped}"`;
}

/** A command line: systemd would put variables in (`$NAME`). */
export function commandLine(words: readonly string[]): string {
  return words.map((one) => word(one).replaceAll('$', '$$$$')).join(' ');
}

/** A duration in milliseconds as systemd.time(7) has it. */
export function span(milliseconds: number): string {
  return milliseconds % 1000 === 0 ? `${milliseconds / 1000}s` : `${milliseconds}ms`;
}
