import type { ProbeOutcome } from '../probe-state.ts';
import type { Check } from '../prober.ts';

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

/** An address to connect to. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** A check of one process by the address that it alone answers at. */
export function checkAt(
  declared: Endpoint,
  findProbePort: FindProbePort,
  look: (endpoint: Endpoint, signal: AbortSignal) => Promise<ProbeOutcome>,
): Check {
  return async (signal) => {
    const probePort = await findProbePort(signal);
    if (probePort.kind === 'not-listening')
      return { ok: false, text: `it does not listen on port ${declared.port} yet` };
    const own = probePort.kind === 'port';
    return look(own ? { host: '127.0.0.1', port: probePort.port } : declared, signal);
  };
}

/** `localhost:3000`, `[::1]:3000`. */
export function authorityOf({ host, port }: Endpoint): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Headers, whose names are the same in capitals and without. */
export function lowerCase(headers: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** What went wrong with a connection, in one word where there is one. */
export function failed(what: string, error: NodeJS.ErrnoException): ProbeOutcome {
  const why = error.code ?? error.message;
  return { ok: false, text: why === '' ? `${what} failed` : `${what}: ${why}` };
}
