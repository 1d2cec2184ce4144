import { shellLineAt, writeShellLine } from '../../spec/commands/shell-line.ts';

/**
 * References to variables as Compose writes them, as stateward does: `$X` is `${X}`, `${X-y}` is `${X:-y}`. What has no form
 * here has to be set (`${X:-${Y}}`), or is nothing (`${X:+y}`).
 */
export function composeVariables(text: string): string {
  const flat = text
    .replace(
      /(?<!\$)\$\{(\w+):?[-?][^}]*\$\{[^}]*\}\}/g,
      (_, name: string) => `\${${name}:?it has no default here}`,
    )
    .replace(/(?<!\$)\$\{\w+:?\+[^}]*\}/g, '');
  return flat.replace(
    /\$\$|\$\{([A-Za-z_]\w*)(?:(:?[-?])([^}]*))?\}|\$([A-Za-z_]\w*)/g,
    (whole: string, name?: string, operator?: string, word?: string, bare?: string) => {
      if (whole === '$$') return whole;
      if (bare !== undefined) return `\${${bare}}`;
      return operator === undefined ? whole : `\${${name ?? ''}:${operator.at(-1) ?? ''}${word ?? ''}}`;
    },
  );
}

/** A line for a shell keeps its variables, which the shell reads; elsewhere they are expanded as in Compose. */
export function withVariables(words: readonly string[]): readonly string[] {
  const line = shellLineAt(words);
  return words.map((word, index) =>
    index === line ? writeShellLine(word.replaceAll('$$', '$')) : composeVariables(word),
  );
}
