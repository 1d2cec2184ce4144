import { request, type IncomingMessage, type RequestOptions } from 'node:http';
import type { ProbeSpec } from '../../../spec/types.ts';
import type { ProbeOutcome } from '../probe-state.ts';
import type { Check } from '../prober.ts';
import { authorityOf, checkAt, failed, lowerCase, type FindProbePort, type Probed } from './endpoint.ts';
import { firstLine } from './first-line.ts';
import { connectSecurely } from './secure-socket.ts';

type HttpTarget = Probed<NonNullable<ProbeSpec['http']>>;

/** A request that has to be answered with the given status, or any from 200 to 399. Redirects are not followed. */
export function httpCheck(target: HttpTarget, findProbePort: FindProbePort): Check {
  const { host, port, path, scheme = 'http', headers } = target;
  const authority = authorityOf({ host, port });
  const url = `${scheme}://${authority}${path}`;
  const usual = { 'user-agent': 'stateward-probe', host: new URL(`${scheme}://${authority}`).host };
  const options = { path, headers: { ...usual, ...lowerCase(headers) } };
  return checkAt({ host, port }, findProbePort, async (endpoint, signal) => {
    if (scheme === 'http') return ask({ ...options, ...endpoint, agent: false, signal }, target, url);
    const connected = await connectSecurely(target, { endpoint, signal, protocol: 'http/1.1' });
    if (!connected.ok) return { ok: false, text: `GET ${url}: ${connected.error}` };
    return ask({ ...options, createConnection: () => connected.value, signal }, target, url);
  });
}

function ask(options: RequestOptions, { status }: HttpTarget, url: string): Promise<ProbeOutcome> {
  return new Promise((resolve) => {
    const sent = request(options, (response) => {
      const answer = response.statusCode ?? 0;
      const good = status === undefined ? answer >= 200 && answer < 400 : answer === status;
      const settle = (outcome: ProbeOutcome): void => {
        resolve(outcome);
        // The rest of the body does not matter.
        response.destroy();
      };
      if (good) settle({ ok: true });
      else void refusal(response, `GET ${url} answered ${answer}`).then(settle);
    });
    sent.on('error', (error) => resolve(noAnswer(`GET ${url}`, error)));
    sent.end();
  });
}

async function refusal(response: IncomingMessage, what: string): Promise<ProbeOutcome> {
  const line = await firstLine(response);
  return { ok: false, text: line === null ? what : `${what}: ${line}` };
}

function noAnswer(what: string, error: NodeJS.ErrnoException): ProbeOutcome {
  if (error.code?.startsWith('HPE_') !== true) return failed(what, error);
  return {
    ok: false,
    text: `${what}: what answers does not speak HTTP (${error.code}); over TLS it is scheme: https`,
  };
}
