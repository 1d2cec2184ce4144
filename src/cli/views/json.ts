/** `-o json`: indented, with a newline at the end. */
export function renderJson(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** One object a line, for streams. */
export function renderJsonLine(value: unknown): string {
  return `${JSON.stringify(value)}\n`;
}
