import type { Style } from '../text/terminal.ts';

/** A unified diff with git's colours. */
export function paintDiff(diff: string, style: Style): string {
  if (!style.enabled) return diff;
  return diff
    .split('\n')
    .map((line) => {
      if (line.startsWith('---') || line.startsWith('+++')) return style.bold(line);
      if (line.startsWith('@@')) return style.cyan(line);
      if (line.startsWith('-')) return style.red(line);
      if (line.startsWith('+')) return style.green(line);
      return line;
    })
    .join('\n');
}
