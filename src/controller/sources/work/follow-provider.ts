import { ok } from '../../../lib/result.ts';
import { FollowLook } from '../looks/follow-look.ts';
import type { Provider } from './provider.ts';

/** A followed file is ready as it lies there. */
export function followProvider(): Provider {
  const looker = new FollowLook();
  return {
    stages: ['Fetched', 'Valid', 'Synced', 'Healthy'],
    look: (record, now) => looker.look(record, now),
    prepare: ({ spec: { name, from } }) => Promise.resolve(ok({ file: from.file, origin: { source: name } })),
  };
}
