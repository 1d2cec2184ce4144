import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from '../api/server/read-body.ts';
import type { Access as Rule } from '../api/contract/endpoints/access.ts';
import { isObject } from '../lib/checks.ts';
import type { Arrival, WebContext } from './context.ts';
import type { Asker } from './model.ts';
import { refuse, type Refusal } from './reply.ts';
import { askerOf, stillMay } from './session/asker.ts';
import { whyForged } from './session/session-routes.ts';

/** Hands a request on, if whoever has sent it may ask for that. Nothing of a body is read before that is known. */
export async function answerApi(
  request: IncomingMessage,
  response: ServerResponse,
  arrival: Arrival,
  context: WebContext,
): Promise<void> {
  const asked = await askerOf(request, arrival, context);
  if (!asked.ok) {
    refuse(response, asked.error);
    return;
  }
  const asker = asked.value;
  const { method = '', url = '' } = request;
  const rule = context.accessTo(method, url);
  if (rule === null) {
    refuse(response, NO_SUCH_PATH);
    return;
  }
  const refusal =
    notAllowed(rule, asker) ??
    whyForged(request, arrival, asker, method === 'GET') ??
    tooMany(asker, context);
  if (refusal !== null) {
    refuse(response, refusal);
    return;
  }
  const read = await readBody(request, context.limits.maxBodyBytes);
  if (read.kind === 'gone') return;
  if (read.kind === 'refused') {
    refuse(response, { status: read.status, code: 'BAD_REQUEST', message: read.problem });
    return;
  }
  const body = rule.named === true && isObject(read.body) ? { ...read.body, by: asker.name } : read.body;
  await handOn({ request, response, asker, context, body, target: targetFor(url, rule, asker) });
}

const NO_SUCH_PATH: Refusal = {
  status: 404,
  code: 'NOT_FOUND',
  message: 'cannot answer: there is no such path, or it takes another method',
};

function notAllowed({ level, why }: Rule, { access, name }: Asker): Refusal | null {
  if (level === 'read' || (level === 'write' && access === 'write')) return null;
  const [reason, hint] =
    level === 'home'
      ? ['nobody may do that from the network', 'run stateward as the user of the daemon, on its host']
      : [
          `${name} may only read${why === undefined ? '' : `: ${why}`}`,
          'stateward dash --write, or a token that is created with --write, may change things',
        ];
  return { status: 403, code: 'PERMISSION', message: `not done: ${reason}`, hint };
}

function tooMany({ id }: Asker, { open, limits }: WebContext): Refusal | null {
  const own = [...open.values()].filter((one) => one.id === id).length;
  if (own < limits.maxOpen) return null;
  const message = `not done: ${own} requests of yours are being answered already`;
  return { status: 429, code: 'PERMISSION', message, headers: { 'retry-after': '1' } };
}

/** The query of one who may only read says so. */
function targetFor(url: string, { forReaders }: Rule, { access }: Asker): string {
  if (forReaders === undefined || access === 'write') return url;
  const mark = url.indexOf('?');
  const query = new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1));
  for (const [name, value] of Object.entries(forReaders)) query.set(name, value);
  return `${mark === -1 ? url : url.slice(0, mark)}?${query.toString()}`;
}

interface HandedOn {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly asker: Asker;
  readonly context: WebContext;
  readonly body: unknown;
  readonly target: string;
}

/** Whoever logs out, or whose token is deleted, reads no further. */
async function handOn({ request, response, asker, context, body, target }: HandedOn): Promise<void> {
  const { open, clock, limits, upstream } = context;
  const gone = new AbortController();
  let cancel = (): void => undefined;
  const recheck = (): void => {
    cancel();
    void stillMay(asker, context).then((may) => (may ? watch() : gone.abort()), () => gone.abort()); // prettier-ignore
  };
  const watch = (): void => {
    cancel();
    if (!gone.signal.aborted) cancel = clock.after(limits.recheckMs, recheck);
  };
  response.once('close', () => {
    cancel();
    open.delete(gone);
    gone.abort();
  });
  if (response.destroyed) return;
  open.set(gone, { id: asker.id, recheck });
  watch();
  await upstream({ request, target, body, signal: gone.signal }, response);
}
