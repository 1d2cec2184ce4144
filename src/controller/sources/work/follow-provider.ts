import { ok } from '../../../lib/result.ts';
import { FollowLook } from '../looks/follow-look.ts';
import type { Provider } from './provider.ts';

/** A followed file is ready as it lies there. */
export function followProvider(file: string): Provider {
  const looker = new FollowLook(file);
  return {
    stages: ['Fetched', 'Valid', 'Synced', 'Healthy'],
    longestWaitMs: 0,
    look: (record, now) => looker.look(record, now),
    prepare: ({ spec: { name } }) => Promise.resolve(ok({ file, release: null, origin: { source: name } })),
    hook: () => Promise.resolve(null),
    announce: () => Promise.resolve(null),
    edited: () => Promise.resolve([]),
    endLeft: () => Promise.resolve(),
    tidy: () => Promise.resolve(),
    forget: () => Promise.resolve(),
    close: () => undefined,
  };
}
