import { connect } from 'node:net';
import type { ProbeSpec } from '../../../spec/types.ts';
import type { Check } from '../prober.ts';
import { checkAt, failed, type FindProbePort, type Probed } from './endpoint.ts';

/** A connection that has to be accepted. */
export function tcpCheck(
  { host, port }: Probed<NonNullable<ProbeSpec['tcp']>>,
  findProbePort: FindProbePort,
): Check {
  return checkAt({ host, port }, findProbePort, (endpoint, signal) => {
    return new Promise((resolve) => {
      const socket = connect({ ...endpoint, signal });
      socket.on('connect', () => {
        resolve({ ok: true });
        socket.destroy();
      });
      socket.on('error', (error) => {
        resolve(failed(`connection to ${host}:${port}`, error));
        socket.destroy();
      });
    });
  });
}
