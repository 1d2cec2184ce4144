import type { Style } from '../text/terminal.ts';
import type { NamedFinding } from '../../doctor/doctor.ts';
import { renderTable } from '../text/table.ts';

/** One line a finding, with what to do about it below. */
export function renderChecks(checks: readonly NamedFinding[], style: Style): string {
  const paint = { ok: style.green, warn: style.yellow, fail: style.red, skip: style.dim } as const;
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
