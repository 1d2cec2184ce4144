import { readFileSync } from 'node:fs';
import { variablesOf } from '../../spec/read-from/read-from.ts';

/** What a file of variables says, and where. */
export interface EnvFileText {
  readonly values: Readonly<Record<string, string>>;
  /** The last line that sets a variable, from 1; null: it stands nowhere by itself. */
  readonly lineOf: (name: string) => number | null;
}

export function parsedEnvFile(path: string): EnvFileText {
  const text = textIn(path);
  const lines = text.split('\n').map((line) => /^\s*(?:export\s+)?([^=\s]+)\s*=/.exec(line)?.[1]);
  return {
    values: variablesOf(text),
    lineOf(name) {
      const found = lines.lastIndexOf(name);
      return found === -1 ? null : found + 1;
    },
  };
}

function textIn(path: string): string {
  try {
    return readFileSync(path, 'utf8').replace(/^\uFEFF/, '');
  } catch {
    // It was read a moment ago.
    return '';
  }
}
