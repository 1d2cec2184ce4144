import type { SpecNote } from '../normalise/normalise-context.ts';
import type { NetworkProbe } from './network-probe.ts';

/** A name as HTTP has it. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What may stand in a value: no control characters, and nothing that is not in Latin-1. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Headers that say how the request travels, which is the business of the probe. */
const OWN = new Set([
  ...['connection', 'content-length', 'content-type', 'expect', 'keep-alive', 'proxy-connection'],
  ...['te', 'trailer', 'transfer-encoding', 'upgrade'],
]);

/** Headers that no request can have. `path` leads to the form of the probe. */
export function headerNotes(
  path: readonly string[],
  { target: { headers = {} } }: Extract<NetworkProbe, { readonly form: 'http' | 'grpc' }>,
): readonly SpecNote[] {
  const names = Object.keys(headers);
  return Object.entries(headers).flatMap(([name, value], index) => {
    const same = names.slice(0, index).find((other) => other.toLowerCase() === name.toLowerCase());
    const message = problemOf(name, value, same);
    if (message === null) return [];
    return [{ level: 'error', code: 'CONFIG_BAD_VALUE', path: [...path, 'headers', name], message } as const];
  });
}

function problemOf(name: string, value: string, same: string | undefined): string | null {
  if (!NAME.test(name)) return `${JSON.stringify(name)} cannot be the name of a header`;
  if (OWN.has(name.toLowerCase())) return `${name} is set by the probe itself`;
  if (same !== undefined) return `${same} is the same header: one of the two`;
  return VALUE.test(value)
    ? null
    : 'a line break, a control character or one beyond Latin-1 cannot stand in a header';
}
