import { request } from 'node:http';
import { connect } from 'node:net';
import type { ProbeSpec } from '../../spec/types.ts';
import type { ProbeOutcome } from './probe-state.ts';
import type { Check } from './prober.ts';

/** A request that has to be answered with the given status, or any from 200 to 399. Redirects are not followed. */
export function httpCheck({ host, port, path, status }: NonNullable<ProbeSpec['http']>): Check {
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}${path}`;
  return (signal) =>
    new Promise((resolve) => {
      const headers = { 'user-agent': 'stateward-probe' };
      const sent = request({ host, port, path, signal, agent: false, headers }, (response) => {
        const answer = response.statusCode ?? 0;
        const good = status === undefined ? answer >= 200 && answer < 400 : answer === status;
        resolve(good ? { ok: true } : { ok: false, text: `GET ${url} answered ${answer}` });
        // Whatever the body is: it is not for us.
        response.destroy();
      });
      sent.on('error', (error) => resolve(failed(`GET ${url}`, error)));
      sent.end();
    });
}

/** A connection that has to be accepted. */
export function tcpCheck({ host, port }: NonNullable<ProbeSpec['tcp']>): Check {
  return (signal) =>
    new Promise((resolve) => {
      const socket = connect({ host, port, signal });
      socket.on('connect', () => {
        resolve({ ok: true });
        socket.destroy();
      });
      socket.on('error', (error) => {
        resolve(failed(`connection to ${host}:${port}`, error));
        socket.destroy();
      });
    });
}

function failed(what: string, error: NodeJS.ErrnoException): ProbeOutcome {
  const why = error.code ?? error.message;
  return { ok: false, text: why === '' ? `${what} failed` : `${what}: ${why}` };
}
