import { describe, expect, it } from 'vitest';
import { rolloutRecorder } from '../../../src/controller/rollouts/rollout-recorder.ts';
import type { Failure } from '../../../src/lib/failure.ts';
import { err, ok, type Result } from '../../../src/lib/result.ts';
import type { DriverError } from '../../../src/driver/driver.ts';
import type { MetaOf } from '../../../src/state/desired-state.ts';
import { desiredApps } from '../../../src/state/desired/desired.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { Commit, Fact, RevisionMeta } from '../../../src/state/model/types.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import type { OutputLine } from '../../../src/plan/model/rollout.ts';
import { makeInstance } from '../../plan/fixtures.ts';
import { accepted, appSpec } from '../../state/specs.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A store on paper: each write takes a turn of the event loop. */
function scene(...facts: readonly Fact[]) {
  let records = facts.reduce<Projects>(reduce, new Map());
  const writes: { readonly facts: readonly Fact[]; readonly meta: RevisionMeta | undefined }[] = [];
  const disk = { isFull: false };
  const logged: string[] = [];
  const instances: ObservedInstance[] = [];
  const clock = new FakeClock();
  const tails = new Map<string, Promise<Result<readonly OutputLine[], DriverError>>>();
  const tail = (nonce: string) =>
    tails.get(nonce) ?? Promise.resolve(err({ code: 'refused', message: 'unknown request tail' } as const));
  const commit = async (fact: Fact | readonly Fact[], metaOf?: MetaOf): Promise<Result<Commit, Failure>> => {
    await new Promise((resolve) => setImmediate(resolve));
    if (disk.isFull) return err({ code: 'STATE_WRITE', message: 'no space left' });
    const given = [fact].flat();
    writes.push({ facts: given, meta: metaOf?.('shop') });
    const before = desiredApps(records);
    records = given.reduce(reduce, records);
    const changed = desiredApps(records).filter(
      (app) => before.find(({ key }) => key === app.key)?.rollout !== app.rollout,
    );
    return ok({ changed: changed.map(({ key }) => key), revisions: [] });
  };
  const record = rolloutRecorder({
    store: { records: () => records, histories: () => [], commit },

    clock,
    driver: { tail, instancesOf: (key) => instances.filter((it) => it.key === key) },
    observer: { instances: () => [] },
    log: (line) => logged.push(line),
  });
  return { record, writes, disk, logged, clock, tails, instances, apps: () => desiredApps(records) };
}

const many = Array.from({ length: 100 }, (_, number) => appSpec({ name: `app-${number}` }));

describe('how rollouts end', () => {
  it('is written together for apps that end together, and each is told of its own', async () => {
    const { record, writes, apps } = scene(accepted('shop', many));
    const recorded = await Promise.all(apps().map((app) => record(app, { kind: 'completed' })));
    expect(recorded).toEqual(many.map(() => true));
    expect(writes.length).toBeLessThanOrEqual(2);
    expect(apps().filter(({ rollout }) => rollout !== undefined)).toEqual([]);
  });

  it('is remembered with whether the version listens on shared sockets', async () => {
    const { record, instances, apps } = scene(accepted('shop', many.slice(0, 2)));
    const [one, other] = apps();
    if (one === undefined || other === undefined) throw new Error('two apps expected');
    instances.push(makeInstance(one, { listening: ['127.0.0.1:3000'] }));
    instances.push(makeInstance(other, { listening: [] }));
    await Promise.all([one, other].map((app) => record(app, { kind: 'completed' })));
    expect(apps().map(({ listens }) => listens)).toEqual([true, undefined]);
  });

  it('is not news a second time', async () => {
    const { record, apps } = scene(accepted('shop', many.slice(0, 1)));
    const [app] = apps();
    if (app === undefined) throw new Error('no app');
    expect(await record(app, { kind: 'completed' })).toBe(true);
    expect(await record(app, { kind: 'completed' })).toBe(false);
  });

  it('of a failure says in the history who went back, why, and what changed', async () => {
    const one = appSpec({ name: 'web' });
    const rollout = { ...one.rollout, on_failure: 'rollback' as const };
    const { record, writes, apps } = scene(
      accepted('shop', [{ ...one, rollout }]),
      { kind: 'rollout-completed', key: 'shop/web', generation: 1, at: 2 },
      accepted('shop', [{ ...one, rollout, script: '/srv/bad.js' }]),
    );
    const [app] = apps();
    if (app === undefined) throw new Error('no app');
    const failure = { reason: 'Exited' as const, message: 'slot 0 exited with code 1', slot: 0 };
    expect(await record(app, { kind: 'failed', failure, nonce: null })).toBe(true);
    expect(writes[0]?.meta).toMatchObject({
      by: 'stateward',
      command: 'rollback of web: slot 0 exited with code 1',
      changes: [{ app: 'shop/web', kind: 'roll', fields: [{ path: 'script', after: '/srv/app.js' }] }],
    });
  });

  describe('of a failure', () => {
    const failure = { reason: 'Exited' as const, message: 'slot 0 exited with code 1', slot: 0 };
    const failing = () => {
      const one = appSpec({ name: 'web' });
      const rollout = { ...one.rollout, on_failure: 'rollback' as const };
      const made = scene(
        accepted('shop', [{ ...one, rollout }]),
        { kind: 'rollout-completed', key: 'shop/web', generation: 1, at: 2 },
        accepted('shop', [{ ...one, rollout, script: '/srv/bad.js' }]),
      );
      const [app] = made.apps();
      if (app === undefined) throw new Error('no app');
      const lines = () => made.apps()[0]?.lastRollout?.failure?.logLines;
      return { ...made, fail: () => made.record(app, { kind: 'failed', failure, nonce: 'new-0' }), lines };
    };

    it('keeps what the process wrote last, without the frames of Node itself', async () => {
      const { fail, lines, tails } = failing();
      const many = Array.from({ length: 20 }, (_, number) => ({ stream: 'out', line: `${number}` }) as const);
      const frame = {
        stream: 'err',
        line: '    at Module.load (node:internal/modules/cjs/loader:1:1)',
      } as const;
      tails.set('new-0', Promise.resolve(ok([...many, { stream: 'err', line: 'boom' }, frame])));
      expect(await fail()).toBe(true);
      const kept = many.slice(-9);
      expect(lines()).toEqual([...kept, { stream: 'err', line: 'boom' }]);
    });

    it('says that it wrote nothing', async () => {
      const { fail, lines, tails } = failing();
      tails.set('new-0', Promise.resolve(ok([])));
      await fail();
      expect(lines()).toEqual([]);
    });

    it('does without where a runner knows nothing of it', async () => {
      const { fail, apps } = failing();
      expect(await fail()).toBe(true);
      expect(apps()[0]?.lastRollout?.failure).toEqual(failure);
    });

    it('does without where the answer is too long in coming', async () => {
      const { fail, apps, tails, clock } = failing();
      tails.set('new-0', new Promise(() => undefined));
      const failed = fail();
      clock.advance(500);
      expect(await failed).toBe(true);
      expect(apps()[0]?.lastRollout?.failure).toEqual(failure);
    });
  });

  it('is not recorded where the disk takes nothing, and tried again later', async () => {
    const { record, disk, logged, apps } = scene(accepted('shop', many.slice(0, 1)));
    const [app] = apps();
    if (app === undefined) throw new Error('no app');
    disk.isFull = true;
    expect(await record(app, { kind: 'completed' })).toBe(false);
    expect(logged).toEqual(['shop/app-0: cannot record how its rollout ended: no space left']);
    disk.isFull = false;
    expect(await record(app, { kind: 'completed' })).toBe(true);
  });
});
