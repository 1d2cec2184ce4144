import { portClaims, type PortClaim } from '../ports/port-claims.ts';
import type { AppSpec } from '../types.ts';
import { parseListen } from './listen-text.ts';

/** The ports that are bound for an app, as those that it binds by itself: one for all of its instances. */
export function socketClaims({ sockets }: Pick<AppSpec, 'sockets'>): readonly PortClaim[] {
  return sockets.flatMap(({ name, listen }, index): readonly PortClaim[] => {
    const place = parseListen(listen);
    if (place?.kind !== 'tcp') return [];
    const { host, port } = place;
    return [{ name, index, first: port, last: port, host, protocol: 'tcp', isShared: false }];
  });
}

/** Every fixed port of so many instances, whoever binds it. */
export function allClaims(spec: AppSpec, instances: number): readonly PortClaim[] {
  return [...portClaims(spec, instances), ...socketClaims(spec)];
}
