import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AppList } from '../../../src/api/contract/wire/apps.ts';
import { howItEnded } from '../../../src/cli/attach/how-it-ended.ts';
import type { Api } from '../../../src/cli/session/api.ts';
import { app, appList, instance } from '../support/fixtures.ts';

const SINCE = Date.parse('2026-01-01T12:00:00.000Z');
const asked = { name: 'shop/api:0', slot: 0, since: SINCE };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function exited(fields: { code: number | null; signal: string | null }, at = SINCE): AppList {
  const lastExit = { ...fields, reason: 'Exited', at: new Date(at).toISOString() } as const;
  return appList(app('api', { instances: [instance({ lastExit } as never)] }));
}

/** A daemon that gives these lists and says nothing more, until it is left alone. */
function daemon(...lists: readonly AppList[]): Pick<Api, 'watchApps'> {
  return {
    async *watchApps(_query, options) {
      yield* lists;
      await new Promise((resolve) => options?.signal?.addEventListener('abort', resolve));
    },
  };
}

/** Whether it has given up by then. */
async function givesUp(api: Pick<Api, 'watchApps'>, afterMs: number): Promise<boolean> {
  let answer: unknown = 'none yet';
  void howItEnded(asked, api).then((ended) => (answer = ended));
  await vi.advanceTimersByTimeAsync(afterMs);
  return answer === null;
}

it.each([
  ['its code', { code: 7, signal: null }, { text: 'ended with code 7', code: 7 }],
  ['the signal that ended it', { code: null, signal: 'SIGKILL' }, { text: 'ended by SIGKILL', code: 137 }],
  ['that nobody knows', { code: null, signal: null }, { text: 'ended; its exit code is not known', code: 1 }],
])('tells %s', async (_what, fields, ended) => {
  expect(await howItEnded(asked, daemon(appList(app('api')), exited(fields)))).toEqual(ended);
});

it.each<[string, Pick<Api, 'watchApps'>, number]>([
  ['five seconds for one that says nothing at all', daemon(), 5_000],
  ['ten for one that is there, and not for ever', daemon(appList(app('api'))), 10_000],
  [
    'the same where only an earlier end is known',
    daemon(exited({ code: 7, signal: null }, SINCE - 1)),
    10_000,
  ],
])('waits for a daemon: %s', async (_what, api, ms) => {
  expect([await givesUp(api, ms - 1), await givesUp(api, ms)]).toEqual([false, true]);
});

it('does not wait for a daemon that is not there', async () => {
  const gone = {
    watchApps: () => {
      throw new Error('no daemon');
    },
  };
  expect(await givesUp(gone, 0)).toBe(true);
});
