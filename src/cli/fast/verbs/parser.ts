import { readLine, type LineShape } from '../plain/read-line.ts';

/** Stands in for `@oclif/core/parser`, see `command.ts`: throws NotPlain for a line that it may misread. */
export async function parse(
  argv: readonly string[],
  shape: LineShape,
): Promise<{ readonly flags: Readonly<Record<string, unknown>>; readonly argv: readonly string[] }> {
  const { flags, words } = await readLine(argv, shape);
  return { flags, argv: words };
}
