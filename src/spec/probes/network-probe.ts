import type { ProbeSpec } from '../types.ts';

export const PROBE_KINDS = ['readiness', 'liveness', 'startup'] as const;
/** Forms of a probe that look at a port. */
export const NETWORK_FORMS = ['http', 'tcp', 'grpc'] as const;
/** Of these keys a probe has one. */
export const PROBE_FORMS = [...NETWORK_FORMS, 'exec', 'log'] as const;

export type NetworkForm = (typeof NETWORK_FORMS)[number];
/** A probe that looks at a port. */
export type NetworkProbe = {
  [Form in NetworkForm]: { readonly form: Form; readonly target: NonNullable<ProbeSpec[Form]> };
}[NetworkForm];
export type NetworkTarget = NetworkProbe['target'];

/** What a probe looks at; null: at no port. A spec of an older version may lack the probe. */
export function networkProbe(probe: ProbeSpec | null | undefined): NetworkProbe | null {
  const { http, tcp, grpc } = probe ?? {};
  if (http !== undefined) return { form: 'http', target: http };
  if (tcp !== undefined) return { form: 'tcp', target: tcp };
  return grpc === undefined ? null : { form: 'grpc', target: grpc };
}
