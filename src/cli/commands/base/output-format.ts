import * as Flags from '@oclif/core/flags';

/** How a result is printed. */
export type OutputFormat = 'table' | 'wide' | 'json' | 'yaml' | 'name';
/** The same, what is printed for a pull request, and what other programs read. */
type AnyFormat = OutputFormat | 'markdown' | 'github' | 'prometheus' | 'openmetrics';

/** `-o`, restricted to the formats that a command has; the first is the default. */
export function outputFlag<const T extends AnyFormat>(formats: readonly [T, ...T[]]) {
  return Flags.option({
    char: 'o',
    options: formats,
    default: formats[0],
    description: 'Format of the output.',
    helpValue: formats.join('|'),
    helpGroup: 'GLOBAL',
  })();
}

/** Whether the arguments ask for JSON, read before (or in spite of a failure of) parsing them. */
export function asksForJson(argv: readonly string[]): boolean {
  return asksFor('json', argv);
}

/** The same for any format. */
export function asksFor(format: AnyFormat, argv: readonly string[]): boolean {
  const end = argv.indexOf('--');
  const own = end === -1 ? argv : argv.slice(0, end);
  return own.some(
    (argument, index) =>
      [`-o${format}`, `-o=${format}`, `--output=${format}`].includes(argument) ||
      (argument === format && /^(-o|--output)$/.test(own[index - 1] ?? '')),
  );
}
