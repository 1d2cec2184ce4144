import { describe, expect, it } from 'vitest';
import { noticeReady } from '../../../src/cli/session/ready-notice.ts';
import type { App, AppStatus } from '../../../src/api/contract/wire/apps.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { err, ok } from '../../../src/lib/result.ts';

function app(status: Partial<AppStatus> = {}): App {
  const settled = {
    ...{ sync: 'Synced', health: 'Healthy', generation: 1, observedGeneration: 1, assessedGeneration: 1 },
    ...{ desiredInstances: 1, rollout: null, ...status },
  };
  return { status: settled } as App;
}

/** Follows a daemon whose apps are these, a list a look; the last stays. null: it does not answer yet. */
async function noticed(looks: readonly (readonly App[] | null)[], env = { NOTIFY_SOCKET: '/run/notify' }) {
  const clock = new FakeClock();
  const ran: string[] = [];
  const notes: string[] = [];
  let look = 0;
  const progress = { isDone: false };
  const following = noticeReady({
    env,
    clock,
    run: (command) => {
      ran.push(command.join(' '));
      return Promise.resolve({ code: 0, output: '' });
    },
    api: {
      apps: () => {
        const items = looks[Math.min(look++, looks.length - 1)] ?? null;
        const gone = { code: 'DAEMON_UNREACHABLE', message: 'not yet' } as const;
        return Promise.resolve(
          items === null ? err(gone) : ok({ apiVersion: 'v1' as const, kind: 'AppList' as const, items }),
        );
      },
    },
    signal: new AbortController().signal,
    note: (text) => notes.push(text),
  });
  void following.then(() => (progress.isDone = true));
  for (let i = 0; i < 1000 && !progress.isDone; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    clock.advance(250);
  }
  return { ran, notes, atMs: clock.monotonic() };
}

describe('the service manager', () => {
  it('is told once the daemon answers and every app is there', async () => {
    const { ran } = await noticed([null, [app({ health: 'Progressing' }), app()], [app(), app()]]);
    expect(ran).toEqual(['systemd-notify --ready --status=2 apps up']);
  });

  it('is told when there is nothing to wait for any more: what has failed has failed', async () => {
    const { ran } = await noticed([[app(), app({ health: 'Failed', sync: 'OutOfSync' })]]);
    expect(ran).toEqual(['systemd-notify --ready --status=1 of 2 apps up; stateward get shows the rest']);
  });

  it('is told before it gives up, whatever the apps do', async () => {
    const { ran, atMs } = await noticed([[app({ health: 'Progressing' })]]);
    expect(ran).toHaveLength(1);
    expect(atMs).toBeLessThan(120_000);
  });

  it('is not told where none asked', async () => {
    expect(await noticed([[app()]], { NOTIFY_SOCKET: '' })).toMatchObject({ ran: [], notes: [] });
  });
});
