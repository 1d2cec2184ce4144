import { homeLayout, resolveHome } from '../../../home/layout.ts';
import { unsafeHome } from '../../../home/check.ts';
import type { NamedRead } from './names.ts';
import type { Fetch } from './transport.ts';

/** What `get` will ask for, by what follows its name. */
const QUESTIONS: Readonly<Record<string, string>> = {
  '': '/v1/apps?spec=none&detail=brief',
  '-o name': '/v1/apps?spec=none&detail=brief',
  '-o wide': '/v1/apps?spec=none&detail=brief&ports=true',
  '-o json': '/v1/apps?spec=redacted&ports=true',
};

/**
 * Asks the daemon what a command is about to ask, so that the answer is made while the command is loaded. Gives what the
 * command asks with: it gets that answer where it asks for that, and else asks by itself.
 */
export async function askAhead(
  { name, argv }: NamedRead,
  env: Readonly<Record<string, string | undefined>>,
  fetch: Fetch,
): Promise<Fetch> {
  const question = name === 'get' ? QUESTIONS[argv.join(' ')] : undefined;
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
