import { request } from 'node:http';
import { connect } from 'node:net';
import type { ProbeSpec } from '../../spec/types.ts';
import type { ProbeOutcome } from './probe-state.ts';
import type { Check } from './prober.ts';

/**
 * Where a process takes connections that are meant for it alone: at the address itself (`none`), at a port of its own on
 * the loopback address, or nowhere yet (`not-listening`).
 */
export type ProbePort =
  | { readonly kind: 'none' }
  | { readonly kind: 'port'; readonly port: number }
  | { readonly kind: 'not-listening' };
/** Where a probe looks. */
export type Probed<T extends { readonly port: unknown }> = Omit<T, 'port'> & { readonly port: number };
/** Finds the probe port; called once for each probe. */
export type FindProbePort = (signal: AbortSignal) => Promise<ProbePort>;

/** A request that has to be answered with the given status, or any from 200 to 399. Redirects are not followed. */
export function httpCheck(
  { host, port, path, status }: Probed<NonNullable<ProbeSpec['http']>>,
  findProbePort: FindProbePort,
): Check {
  const authority = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const url = `http://${authority}${path}`;
  return async (signal) => {
    const probePort = await findProbePort(signal);
    if (probePort.kind === 'not-listening') return notListening(port);
    const headers = {
      'user-agent': 'stateward-probe',
      ...(probePort.kind === 'port' && { host: authority }),
    };
    return await new Promise((resolve) => {
      const target = { ...endpoint({ host, port }, probePort), path, headers };
      const sent = request({ ...target, signal, agent: false }, (response) => {
        const answer = response.statusCode ?? 0;
        const good = status === undefined ? answer >= 200 && answer < 400 : answer === status;
        resolve(good ? { ok: true } : { ok: false, text: `GET ${url} answered ${answer}` });
        // The body does not matter.
        response.destroy();
      });
      sent.on('error', (error) => resolve(failed(`GET ${url}`, error)));
      sent.end();
    });
  };
}

/** A connection that has to be accepted. */
export function tcpCheck(
  { host, port }: Probed<NonNullable<ProbeSpec['tcp']>>,
  findProbePort: FindProbePort,
): Check {
  return async (signal) => {
    const probePort = await findProbePort(signal);
    if (probePort.kind === 'not-listening') return notListening(port);
    return await new Promise((resolve) => {
      const socket = connect({ ...endpoint({ host, port }, probePort), signal });
      socket.on('connect', () => {
        resolve({ ok: true });
        socket.destroy();
      });
      socket.on('error', (error) => {
        resolve(failed(`connection to ${host}:${port}`, error));
        socket.destroy();
      });
    });
  };
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
}

function endpoint(declared: Endpoint, probePort: ProbePort): Endpoint {
  return probePort.kind === 'port' ? { host: '127.0.0.1', port: probePort.port } : declared;
}

function notListening(port: number): ProbeOutcome {
  return { ok: false, text: `it does not listen on port ${port} yet` };
}

function failed(what: string, error: NodeJS.ErrnoException): ProbeOutcome {
  const why = error.code ?? error.message;
  return { ok: false, text: why === '' ? `${what} failed` : `${what}: ${why}` };
}
