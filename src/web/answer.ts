import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerApi } from './answer-api.ts';
import { sendAsset } from './assets/send-asset.ts';
import type { WebContext } from './context.ts';
import { clientOf } from './guard/client.ts';
import { SECURITY_HEADERS } from './guard/headers.ts';
import { isAllowedHost, isLoopback } from './guard/hosts.ts';
import { refuse } from './reply.ts';
import { answerSession, SESSION_PATH } from './session/session-routes.ts';

/** Answers a request from the network: in this order, so that nothing is done for whoever may not ask. */
export async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  context: WebContext,
): Promise<void> {
  // A client may leave in the middle of an answer.
  response.on('error', () => undefined);
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const { host = '' } = request.headers;
  const rules = { allowed: context.allowedHosts, isLocal: isLoopback(request.socket.remoteAddress) };
  if (!isAllowedHost(host, rules)) {
    refuse(response, {
      status: 403,
      code: 'PERMISSION',
      message: `not done: this is not ${JSON.stringify(host.slice(0, 200))}`,
      hint: 'use an address, as the link of stateward dash does, or name it in http.hosts',
    });
    return;
  }
  const arrival = { ...clientOf(request, context.behindProxy), host };
  const [path = ''] = (request.url ?? '').split('?', 1);
  if (path === SESSION_PATH) return answerSession(request, response, arrival, context);
  if (path.startsWith('/v1/') || path === '/metrics') return answerApi(request, response, arrival, context);
  return sendAsset(request, response, { path, assets: context.assets });
}
