/** What a format of a time has in it, and the name of an app hardly. */
const FORMAT = /YY|DD|HH|hh|mm|ss|\[/;

/** PM2's `--timestamp [FORMAT]`: without a format it is `--timestamps`. What follows `--` is left alone. */
export function readTimestampFlag(argv: readonly string[]): string[] {
  const read: string[] = [];
  let end = argv.indexOf('--');
  if (end === -1) end = argv.length;
  for (let at = 0; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const next = at + 1 < end ? argv[at + 1] : undefined;
    if (at > end || word !== '--timestamp') read.push(word);
    else if (next !== undefined && FORMAT.test(next)) {
      read.push(`--timestamp=${next}`);
      at += 1;
    } else read.push('--timestamps');
  }
  return read;
}
