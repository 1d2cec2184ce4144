import { compareWith } from '../../api/contract/version.ts';
import type { AppList } from '../../api/contract/wire/apps.ts';
import type { RawReply } from '../../api/client/raw-reply.ts';
import { unsafeHome } from '../../home/check.ts';
import { homeLayout, resolveHome } from '../../home/layout.ts';
import { errorCode } from '../../lib/system-error.ts';
import { checkHealth, unhealthy, type HealthCheck } from '../views/apps/health.ts';

const HTTP_OK = 200;
/** Whoever asks every few seconds wants to know by then. */
const ANSWER_MS = 3_000;
/** What connecting says where nobody listens. */
const NOBODY: readonly (string | undefined)[] = ['ENOENT', 'ECONNREFUSED'];

export interface FastHealth {
  readonly selectors: readonly string[];
  /** As given with --home. */
  readonly home: string | undefined;
}

/** Reads `health` with selectors and `--home`; null: it is something else, and left to the full command. */
export function parseFastHealth(argv: readonly string[]): FastHealth | null {
  const [verb, ...rest] = argv;
  if (verb !== 'health' && verb !== 'healthcheck') return null;
  const selectors: string[] = [];
  let home: string | undefined;
  for (let index = 0; index < rest.length; index += 1) {
    const argument = rest[index] ?? '';
    if (argument === '--home') home = rest[(index += 1)];
    else if (argument.startsWith('--home=')) home = argument.slice('--home='.length);
    else if (argument.startsWith('-') || argument === '') return null;
    else selectors.push(argument);
  }
  return { selectors, home };
}

export interface FastHealthOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** GET over a Unix socket; rejects when nobody answers, or not in time. */
  readonly fetch: (socketPath: string, path: string, timeoutMs: number) => Promise<RawReply>;
}

/** Answers `health`; null: something is not as usual, and the full command has the words for it. */
export async function runFastHealth(
  { selectors, home }: FastHealth,
  { env, fetch }: FastHealthOptions,
): Promise<HealthCheck | null> {
  const query = new URLSearchParams(selectors.map((selector): [string, string] => ['selector', selector]));
  query.set('spec', 'none');
  query.set('detail', 'brief');
  const folder = folderMeant(home, env);
  if (folder === null || unsafeHome(folder) !== null) return null;
  try {
    const path = `/v1/apps?${query.toString()}`;
    const { status, body, served } = await fetch(homeLayout(folder).apiSocket, path, ANSWER_MS);
    const isPlain = status === HTTP_OK && compareWith(served) === 'equal';
    return isPlain ? checkHealth(JSON.parse(body) as AppList) : null;
  } catch (error) {
    const code = errorCode(error);
    if (NOBODY.includes(code)) return unhealthy(`no daemon runs for ${folder}`);
    return unhealthy(`the daemon of ${folder} does not answer`);
  }
}

/** null: nobody has said, and this user has none. */
function folderMeant(home: string | undefined, env: FastHealthOptions['env']): string | null {
  try {
    return resolveHome(home, env);
  } catch {
    return null;
  }
}
