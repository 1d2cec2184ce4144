import type { Style } from '../text/terminal.ts';
import { renderTable } from '../text/table.ts';

/** One finding of `doctor`. `hint` says what to do about it. */
export interface Check {
  readonly name: string;
  readonly level: 'ok' | 'warn' | 'fail';
  readonly message: string;
  readonly hint?: string;
}

/** One line a finding, with what to do about it below. */
export function renderChecks(checks: readonly Check[], style: Style): string {
  const paint = { ok: style.green, warn: style.yellow, fail: style.red } as const;
  const table = renderTable(
    null,
    checks.map(({ level, name, message }) => [
      { text: level, paint: paint[level] },
      { text: name },
      { text: message },
    ]),
  );
  return table
    .trimEnd()
    .split('\n')
    .map((line, index) => {
      const hint = checks[index]?.hint;
      return hint === undefined ? `${line}\n` : `${line}\n      ${style.cyan('help')}: ${hint}\n`;
    })
    .join('');
}
