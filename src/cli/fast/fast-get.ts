import type { RawReply } from '../../api/client/fast-client.ts';
import { labelFilter, namespaceFilter } from '../../api/contract/selector-filters.ts';
import { compareWith, noteOnBuild } from '../../api/contract/version.ts';
import { BUILD, VERSION } from '../../lib/programs/build.ts';
import type { AppList } from '../../api/contract/wire/apps.ts';
import { unsafeHome } from '../../home/check.ts';
import { homeLayout, resolveHome } from '../../home/layout.ts';
import type { Streams } from '../views/text/terminal.ts';
import { createStyle, terminalWidth, wantsColor } from '../views/text/terminal.ts';
import { sortApps } from '../views/apps/app-order.ts';
import { renderAppNames, renderApps } from '../views/apps/app-table.ts';
import { renderJson } from '../views/json.ts';

/** The verb and its aliases, as `commands/reads/get.ts` has them. */
const NAMES: readonly string[] = ['get', 'ls', 'list', 'l', 'ps', 'status'];
const HTTP_OK = 200;
const FORMATS = ['table', 'wide', 'json', 'name'] as const;

type Format = (typeof FORMATS)[number];

export interface FastGet {
  readonly selectors: readonly string[];
  readonly format: Format;
  readonly noHeaders: boolean;
  readonly noColor: boolean;
  /** As given with --home. */
  readonly home: string | undefined;
}

/**
 * Reads `get` in its plain forms: selectors, `-l`, `-n`, `-o table|json|name|wide`, `--no-headers`, and the global flags. Anything else (other flags, bad
 * values, `--`) gives null and is left to oclif, which knows them all.
 */
export function parseFastGet(argv: readonly string[]): FastGet | null {
  const [verb, ...rest] = argv;
  if (verb === undefined || !NAMES.includes(verb)) return null;
  const selectors: string[] = [];
  let format: Format | null = null;
  let noHeaders = false;
  let noColor = false;
  let home: string | undefined;
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index] ?? '';
    const joined = /^(?:-o=?|--output=)(.+)$/.exec(argument);
    if (argument === '--no-headers') noHeaders = true;
    else if (argument === '--no-color') noColor = true;
    else if (argument === '--home' || argument.startsWith('--home=')) {
      const named = argument === '--home' ? rest[(index += 1)] : argument.slice('--home='.length);
      if (home !== undefined || named === undefined || named.startsWith('-')) return null;
      home = named;
    } else if (argument === '-o' || argument === '--output' || joined !== null) {
      const named = joined === null ? rest[(index += 1)] : joined[1];
      const known = FORMATS.find((candidate) => candidate === named);
      if (known === undefined || format !== null) return null;
      format = known;
    } else if (/^(?:-[ln]|--(?:selector|namespace))$/.test(argument)) {
      const value = rest[(index += 1)];
      if (value === undefined || value.startsWith('-')) return null;
      const isLabel = argument === '-l' || argument === '--selector';
      selectors.push(isLabel ? labelFilter(value) : namespaceFilter(value));
    } else if (argument.startsWith('-') || argument === '' || isFile(argument)) return null;
    else selectors.push(argument);
  }
  return { selectors, format: format ?? 'table', noHeaders, noColor, home };
}

/** May be the name of an ecosystem file, or of a folder. */
function isFile(word: string): boolean {
  return /\.(ya?ml|json|[cm]?[jt]s)$|^\.{1,2}(\/|$)/.test(word);
}

export interface FastGetOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly streams: Streams;
  readonly nowMs: number;
  /** GET over a Unix socket; rejects when nobody answers. */
  readonly fetch: (socketPath: string, path: string) => Promise<RawReply>;
}

/** Answers a plain `get`. False: something is not as usual, and nothing was printed; the full command is to run. */
export async function runFastGet(request: FastGet, options: FastGetOptions): Promise<boolean> {
  const { env, streams, nowMs } = options;
  const query = new URLSearchParams(
    request.selectors.map((selector): [string, string] => ['selector', selector]),
  );
  query.set('spec', request.format === 'json' ? 'redacted' : 'none');
  if (request.format !== 'json') query.set('detail', 'brief');
  if (request.format === 'json' || request.format === 'wide') query.set('ports', 'true');
  const list = await fetchList(request, options, `/v1/apps?${query.toString()}`);
  if (list === null) return false;
  streams.stdout.write(render(list, request, { env, streams, nowMs }));
  if (list.items.length === 0 && request.format !== 'json') streams.stderr.write('no apps\n');
  return true;
}

/** Null for whatever is not a list: the full command asks again, and has the words for what is wrong. */
async function fetchList(
  { home }: FastGet,
  { env, fetch }: FastGetOptions,
  path: string,
): Promise<AppList | null> {
  try {
    const folder = resolveHome(home, env);
    if (unsafeHome(folder) !== null) return null;
    const { status, body, served, program } = await fetch(homeLayout(folder).apiSocket, path);
    return status === HTTP_OK &&
      compareWith(served) === 'equal' &&
      noteOnBuild(program, { version: VERSION, build: BUILD }) === null
      ? (JSON.parse(body) as AppList)
      : null;
  } catch {
    return null;
  }
}

function render(
  list: AppList,
  { format, noHeaders, noColor }: FastGet,
  { env, streams, nowMs }: Pick<FastGetOptions, 'env' | 'streams' | 'nowMs'>,
): string {
  switch (format) {
    case 'json':
      return renderJson(list);
    case 'name':
      return renderAppNames(list);
    case 'table':
    case 'wide': {
      const style = createStyle(wantsColor(streams.stdout, { env, noColor }));
      const columns = terminalWidth(streams.stdout);
      const sorted = { ...list, items: sortApps(list.items, { key: 'health' }) };
      return renderApps(sorted, { style, nowMs, noHeaders, wide: format === 'wide', columns });
    }
  }
}
