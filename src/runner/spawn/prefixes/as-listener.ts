import type { SocketSpec } from '../../protocol/orders.ts';
import type { Prefix } from './prefix.ts';

/** Whoever is given sockets takes them only if this is its own pid, which nobody knows before there is a process. */
const LINE = 'LISTEN_PID=$$; export LISTEN_PID; exec "$@"';

/** Tells what follows that the sockets it has are meant for it. */
export function asListener(sockets: readonly SocketSpec[] = []): readonly Prefix[] {
  if (sockets.length === 0) return [];
  return [
    {
      key: 'sockets',
      program: 'sh',
      args: ['-c', LINE, 'sh'],
      need: 'a shell (/bin/sh) is needed to tell a process of its sockets',
    },
  ];
}
