const WIDTH = 100;

/** A text as comment lines below `indent`, wrapped at blanks; a line of the text stays a line. */
export function commentLines(text: string, indent: string): readonly string[] {
  return text
    .split(/\r\n?|\n/)
    .flatMap((line) => wrap(clean(line), WIDTH - indent.length - 2))
    .map((line) => `${indent}# ${line}`.trimEnd());
}

/** What ends a line or a comment of YAML, or is not to be in a file at all. */
function clean(line: string): string {
  return line.replace(/[\p{Cc}\u2028\u2029\ufeff\ufffe\uffff]/gu, ' ');
}

function wrap(line: string, width: number): readonly string[] {
  const lines: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const at = rest.lastIndexOf(' ', width);
    // Not within the indent of a line that goes on.
    if (at <= 2) break;
    lines.push(rest.slice(0, at));
    rest = `  ${rest.slice(at + 1)}`;
  }
  return [...lines, rest];
}
