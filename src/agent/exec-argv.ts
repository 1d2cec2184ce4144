import { realpathSync } from 'node:fs';

const FLAGS = ['--require', '-r'];

/** The options of this process without the one that preloads `file` (a real path). */
export function withoutPreload(execArgv: readonly string[], file: string): string[] {
  const kept: string[] = [];
  for (let index = 0; index < execArgv.length; index++) {
    const option = execArgv[index] ?? '';
    const value = execArgv[index + 1];
    if (FLAGS.includes(option) && value !== undefined && isFile(value, file)) index++;
    else if (
      !FLAGS.some((flag) => option.startsWith(`${flag}=`) && isFile(option.slice(flag.length + 1), file))
    ) {
      kept.push(option);
    }
  }
  return kept;
}

function isFile(path: string, file: string): boolean {
  if (path === file) return true;
  try {
    return realpathSync(path) === file;
  } catch {
    return false;
  }
}
