import { homeLayout, resolveHome } from '../../../home/layout.ts';
import { unsafeHome } from '../../../home/check.ts';
import type { NamedRead } from './names.ts';
import type { Fetch } from './transport.ts';

/** What a command asks for first, by its name and what follows. */
const QUESTIONS: Readonly<Record<string, string>> = {
  get: '/v1/apps?spec=none&detail=brief',
  'get -o name': '/v1/apps?spec=none&detail=brief',
  'get -o wide': '/v1/apps?spec=none&detail=brief&ports=true',
  'get -o json': '/v1/apps?spec=redacted&ports=true',
  top: '/v1/apps?spec=none&detail=brief',
  jlist: '/v1/apps?spec=redacted',
  events: '/v1/events?limit=50',
  history: '/v1/revisions',
  logs: '/v1/logs?lines=15&stream=all',
  'daemon status': '/v1/status',
};

/** The same of one app, which is named where NAME stands. */
const OF_ONE: Readonly<Record<string, string>> = {
  get: '/v1/apps?selector=NAME&spec=none&detail=brief',
  why: '/v1/apps?selector=NAME&spec=none',
  describe: '/v1/apps?selector=NAME&spec=redacted&ports=true',
  events: '/v1/events?selector=NAME&limit=50',
  logs: '/v1/logs?selector=NAME&lines=15&stream=all',
  'rollout status': '/v1/apps?selector=NAME&spec=none',
};

const NAME = /^[\w-]+(?:\/[\w-]+)?$/;

/** What a line will ask for first; undefined: nobody knows here. */
export function firstQuestion({ name, argv }: NamedRead): string | undefined {
  const [first = '', second = ''] = argv;
  const whole = QUESTIONS[[name, ...argv].join(' ')];
  if (whole !== undefined) return whole;
  if (argv.length === 1 && NAME.test(first)) return OF_ONE[name]?.replace('NAME', encodeURIComponent(first));
  const isNumbered = name === 'logs' && argv.length === 2 && /^(?:-n|--lines)$/.test(first);
  return isNumbered && /^[1-9]\d{0,3}$/.test(second) ? `/v1/logs?lines=${second}&stream=all` : undefined;
}

/**
 * Asks the daemon what a command is about to ask, so that the answer is made while the command is loaded. Gives what the
 * command asks with: it gets that answer where it asks for that, and else asks by itself.
 */
export async function askAhead(
  read: NamedRead,
  env: Readonly<Record<string, string | undefined>>,
  fetch: Fetch,
): Promise<Fetch> {
  const question = firstQuestion(read);
  if (question === undefined) return fetch;
  const apiSocket = socketMeant(env);
  if (apiSocket === null) return fetch;
  const coming = fetch(apiSocket, question);
  // Who asks is told.
  coming.catch(() => undefined);
  // By then it is sent.
  await new Promise((resolve) => setImmediate(resolve));
  return (socket, path) => (socket === apiSocket && path === question ? coming : fetch(socket, path));
}

/** null: there is none, or it must not be used. */
function socketMeant(env: Readonly<Record<string, string | undefined>>): string | null {
  try {
    const home = resolveHome(undefined, env);
    return unsafeHome(home) === null ? homeLayout(home).apiSocket : null;
  } catch {
    return null;
  }
}
