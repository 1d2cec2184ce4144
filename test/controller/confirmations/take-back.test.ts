import { describe, expect, test } from 'vitest';
import type { ApplyRequest } from '../../../src/api/contract/wire/apply.ts';
import {
  takeBackUnconfirmed,
  type TakeBackOptions,
} from '../../../src/controller/confirmations/take-back.ts';
import { err, ok } from '../../../src/lib/result.ts';
import type { Fact } from '../../../src/state/model/types.ts';
import type { Store } from '../../../src/state/store.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { openedStore, temporaryFolder } from '../../state/folder.ts';
import { accepted, appSpec } from '../../state/specs.ts';

const api = appSpec({ name: 'api' });
const more = { ...api, instances: 2 };

function asked(previous: number | null, until: number): Fact {
  return { kind: 'confirmation-asked', project: 'shop', previous, until, by: 'ann', at: 0 };
}

/** A store with revision 2 on trial until 1000, and what is applied to it. */
async function rig({ fails = 0 } = {}) {
  const clock = new FakeClock(0);
  const store = await openedStore(temporaryFolder());
  await store.commit(accepted('shop', [api]));
  await store.commit([accepted('shop', [more]), asked(1, 1_000)]);
  const requests: ApplyRequest[] = [];
  const apply: TakeBackOptions['apply'] = async (request) => {
    requests.push(request);
    if (requests.length <= fails) return err({ code: 'STATE_WRITE', message: 'no space left on device' });
    const [spec] = request.projects;
    if (spec !== undefined) await store.commit({ ...accepted('shop', []), spec });
    return ok({ plan: {} as never, targets: [] });
  };
  const begin = () => takeBackUnconfirmed({ store, clock, apply });
  return { clock, store, requests, begin };
}

async function taken(store: Store): Promise<void> {
  await eventually(() => store.project('shop')?.confirmation === undefined);
}

describe('a revision that nobody confirms', () => {
  test('is taken back at its time, by an apply of what was declared before', async () => {
    const { clock, store, requests, begin } = await rig();
    begin();
    clock.advance(999);
    expect(requests).toHaveLength(0);
    clock.advance(1);
    await taken(store);
    expect(requests).toMatchObject([
      {
        projects: [{ project: 'shop', apps: [{ instances: 1 }] }],
        prune: true,
        code: 'leave',
        by: 'stateward',
      },
    ]);
    expect(store.desiredApp('shop/api')?.spec.instances).toBe(1);
    const [event] = (await store.events({ limit: 1 })).slice(-1);
    expect(event).toMatchObject({ reason: 'TakenBack', level: 'warning' });
  });

  test('is taken back at once by a controller that comes up after its time', async () => {
    const { clock, store, requests, begin } = await rig();
    clock.advance(60_000);
    begin();
    clock.advance(0);
    await taken(store);
    expect(requests).toHaveLength(1);
  });

  test('of a project that is new leaves again with all of its apps', async () => {
    const { clock, store, requests, begin } = await rig();
    await store.commit(asked(null, 1_000));
    begin();
    clock.advance(1_000);
    await taken(store);
    expect(requests[0]).toMatchObject({ projects: [{ apps: [] }], allowWipe: true });
  });

  test('is tried again every 30 s when it cannot be taken back, and stays on trial until then', async () => {
    const { clock, store, requests, begin } = await rig({ fails: 1 });
    begin();
    clock.advance(1_000);
    await eventually(() => clock.nextDelayMs() === 30_000);
    expect(store.project('shop')?.confirmation).toBeDefined();
    clock.advance(30_000);
    await taken(store);
    expect(requests).toHaveLength(2);
    const events = await store.events({ limit: 10 });
    expect(events.map(({ reason, level }) => `${level} ${reason}`)).toEqual([
      'error TakenBack',
      'warning TakenBack',
    ]);
  });
});

describe('nothing is taken back', () => {
  test.each<[string, Fact]>([
    ['once it is confirmed', { kind: 'confirmed', project: 'shop', at: 5 }],
    ['once something else is applied', accepted('shop', [{ ...api, instances: 7 }])],
  ])('%s', async (_, fact) => {
    const { clock, store, requests, begin } = await rig();
    begin();
    await store.commit(fact);
    expect(clock.nextDelayMs()).toBeUndefined();
    clock.advance(60_000);
    expect(requests).toHaveLength(0);
  });

  test('once the controller ends', async () => {
    const { clock, requests, begin } = await rig();
    begin()();
    clock.advance(60_000);
    expect(requests).toHaveLength(0);
  });

  test('before the time that a second trial gives', async () => {
    const { clock, store, requests, begin } = await rig();
    begin();
    await store.commit([accepted('shop', [{ ...api, instances: 7 }]), asked(1, 5_000)]);
    clock.advance(4_999);
    expect(requests).toHaveLength(0);
    clock.advance(1);
    await taken(store);
    expect(store.desiredApp('shop/api')?.spec.instances).toBe(1);
  });
});
