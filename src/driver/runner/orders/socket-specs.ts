import type { SocketSpec as RunnerSocket } from '../../../runner/protocol/orders.ts';
import type { RunnerRequest } from '../../../runner/protocol/messages.ts';
import type { DesiredApp } from '../../../plan/model/desired.ts';
import { parseListen } from '../../../spec/sockets/listen-text.ts';
import type { AppSpec } from '../../../spec/types.ts';

/** The sockets of an app in the words of the runner. A Unix socket belongs to the user of the app, unless it says another. */
export function socketSpecs({
  sockets,
  uid,
  gid,
}: Pick<AppSpec, 'sockets' | 'uid' | 'gid'>): readonly RunnerSocket[] {
  return sockets.flatMap(({ name, listen, mode, user, group, backlog }): readonly RunnerSocket[] => {
    const parsed = parseListen(listen);
    if (parsed === null) return [];
    if (parsed.kind === 'tcp') return [{ name, place: parsed, backlog }];
    const owner = { uid: user ?? uid, gid: group ?? (user === null ? gid : null) };
    const place = {
      kind: 'path',
      path: parsed.path,
      mode: Number.parseInt(mode ?? '0660', 8),
      ...owner,
    } as const;
    return [{ name, place, backlog }];
  });
}

/** What says to the runner which sockets are to stay: those of these apps. */
export function keepRequest(apps: readonly DesiredApp[]): RunnerRequest {
  const sockets = apps.flatMap(({ key, spec }) =>
    spec.sockets.length === 0 ? [] : [[key, socketSpecs(spec)] as const],
  );
  return { kind: 'keep-sockets', apps: Object.fromEntries(sockets) };
}
