import { refusingBackend } from '../../api/contract/endpoints/backend.ts';
import { runOneShot } from '../../api/server/one-shot.ts';
import { systemClock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { planAgainst } from './plan-against.ts';
import { readSnapshot, type SnapshotFiles } from './read-snapshot.ts';

/** Answers one request from the snapshot of another host. It is for `plan`, which needs no home and no daemon. */
export async function answerAgainst(files: SnapshotFiles): Promise<void> {
  await runOneShot({
    input: process.stdin,
    output: process.stdout,
    backend: {
      ...refusingBackend(ONLY_PLAN),
      plan: (request) => {
        const snapshot = readSnapshot(files);
        if (!snapshot.ok) return Promise.resolve(snapshot);
        const isVerified = files.verifyKey !== null;
        return planAgainst(request, { snapshot: snapshot.value, isVerified, now: systemClock.now() });
      },
    },
  });
  process.exit(0);
}

const ONLY_PLAN: Failure = { code: 'USAGE', message: 'a snapshot answers nothing but a plan' };
