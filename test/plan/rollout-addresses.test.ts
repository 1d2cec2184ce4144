import { describe, expect, it } from 'vitest';
import { plan } from '../../src/plan/plan.ts';
import type { DesiredApp } from '../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../src/plan/model/observed.ts';
import type { Plan } from '../../src/plan/model/plan.ts';
import type { AppSpec } from '../../src/spec/types.ts';
import { accept, makeApp, makeInstance, makeSpec, NOW, observe, runAll, short } from './fixtures.ts';

const START_FIRST: AppSpec['rollout'] = { ...makeSpec().rollout, max_surge: 1, max_unavailable: 0 };
const CLUSTER = { exec_mode: 'cluster', rollout: START_FIRST, env: { A: '1' } } as const;

function planOf(app: DesiredApp, instances: readonly ObservedInstance[], before = app): Plan {
  return plan([app], observe({ instances, accepted: [accept(before)] }), NOW);
}

describe('an app that goes from fork to cluster mode', () => {
  const before = makeApp('web', { spec: { instances: 1 } });
  const after = makeApp('web', { spec: { ...CLUSTER, instances: 2 }, generation: 2 });
  const [old] = runAll(before) as [ObservedInstance];

  it('stops what has the address for itself, before anything is started that is to share it', () => {
    const { actions, changes, holds } = planOf(after, [old], before);
    expect(short(actions)).toEqual(['stop 0 TemplateChanged']);
    expect(changes[0]?.rollout).toEqual({ order: 'stop-first', atOnce: 1, gap: true });
    expect(holds.find(({ slot }) => slot === 1)?.message).toContain('the address');
  });

  it('starts all when it has ended', () => {
    expect(planOf(after, [{ ...old, state: 'stopping' }]).actions).toEqual([]);
    expect(short(planOf(after, []).actions)).toEqual(['start 0 NotRunning', 'start 1 NotRunning']);
  });

  it('starts nothing beside it while the rollout is paused', () => {
    const paused = { by: 'ann', at: NOW, failure: null };
    const rollout = { previous: null, startedAt: NOW, paused };
    expect(planOf({ ...after, rollout }, [old], before).actions).toEqual([]);
  });
});

describe('an app that goes from cluster to fork mode', () => {
  const before = makeApp('web', { spec: { ...CLUSTER, instances: 2 } });
  const after = makeApp('web', { spec: { rollout: START_FIRST, instances: 1 }, generation: 2 });

  it('stops all that share the address first, also where it is to be started first', () => {
    const shared = runAll(before, { listening: ['[::]:3000'] });
    expect(short(planOf(after, shared, before).actions)).toEqual([
      'stop 1 ScaledDown',
      'stop 0 TemplateChanged',
    ]);
    const leaving = shared.map((instance) => ({ ...instance, state: 'stopping' as const }));
    expect(planOf(after, leaving.slice(1), before).actions).toEqual([]);
  });

  it('starts first where nothing is shared', () => {
    const idle = runAll(before, { listening: [] });
    expect(short(planOf(after, idle, before).actions)).toEqual(['stop 1 ScaledDown']);
    expect(short(planOf(after, idle.slice(0, 1), before).actions)).toEqual(['start 0 TemplateChanged']);
  });
});

describe('a cluster app of a runner that shares no sockets', () => {
  const before = makeApp('web', { spec: { ...CLUSTER, instances: 1 } });
  const after = makeApp('web', { spec: { ...CLUSTER, env: { A: '2' } }, generation: 2 });
  const alone = (instance: ObservedInstance): ObservedInstance => {
    const { listening: _, ...rest } = instance;
    return rest;
  };

  it('is stopped before its successor starts', () => {
    const old = alone(makeInstance(before));
    expect(short(planOf(after, [old], before).actions)).toEqual(['stop 0 TemplateChanged']);
  });

  it('is left alone once it runs what is declared', () => {
    expect(planOf(after, [alone(makeInstance(after))]).actions).toEqual([]);
  });
});

describe('sockets that an earlier runner held', () => {
  it('keep a further instance of a new version from being started before they are free', () => {
    const before = makeApp('web', { spec: { ...CLUSTER, instances: 1 } });
    const after = makeApp('web', { spec: { ...CLUSTER, env: { A: '2' }, instances: 2 }, generation: 2 });
    const lost = runAll(before, { socketsLost: true, listening: ['[::]:3000'] });
    expect(short(planOf(after, lost, before).actions)).toEqual(['stop 0 TemplateChanged']);
  });
});

describe('an app that is given its sockets', () => {
  const socket = { name: 'web', listen: '8080', mode: null, user: null, group: null, backlog: 511 } as const;
  const given = { sockets: [socket], rollout: START_FIRST } as const;
  const before = makeApp('web', { spec: { ...given, instances: 1 } });
  const [old] = runAll(before) as [ObservedInstance];
  const running = { ...old, sockets: ['[::]:8080'] };
  const after = (spec: Partial<AppSpec>): DesiredApp =>
    makeApp('web', { spec: { ...given, instances: 1, ...spec }, generation: 2 });

  it('starts the new process first, in fork mode', () => {
    const { actions, changes } = planOf(after({ env: { A: '1' } }), [running], before);
    expect(short(actions)).toEqual(['start 0 TemplateChanged']);
    expect(changes[0]?.rollout).toEqual({ order: 'start-first', atOnce: 1, gap: false });
  });

  it('has no gap where the old one goes first: what comes waits', () => {
    const rollout = { ...START_FIRST, max_surge: 0, max_unavailable: 1 };
    const { changes } = planOf(after({ env: { A: '1' }, rollout }), [running], before);
    expect(changes[0]?.rollout).toEqual({ order: 'stop-first', atOnce: 1, gap: false });
  });

  it('starts first with a socket at another address, and stops first at one that the old one keeps', () => {
    const moved = planOf(
      after({ env: { A: '1' }, sockets: [{ ...socket, listen: '8081' }] }),
      [running],
      before,
    );
    expect(short(moved.actions)).toEqual(['start 0 TemplateChanged']);
    const narrower = planOf(
      after({ env: { A: '1' }, sockets: [{ ...socket, listen: '127.0.0.1:8080' }] }),
      [running],
      before,
    );
    expect(short(narrower.actions)).toEqual(['stop 0 TemplateChanged']);
  });

  it('stops what binds its port by itself before it is given a socket, and the other way round', () => {
    expect(short(planOf(after({ env: { A: '1' } }), [old], before).actions)).toEqual([
      'stop 0 TemplateChanged',
    ]);
    expect(short(planOf(after({ env: { A: '1' }, sockets: [] }), [running], before).actions)).toEqual([
      'stop 0 TemplateChanged',
    ]);
  });

  it('whose sockets are lost stops first, and the plan says so', () => {
    const { actions, changes } = planOf(
      after({ env: { A: '1' } }),
      [{ ...running, socketsLost: true }],
      before,
    );
    expect(short(actions)).toEqual(['stop 0 TemplateChanged']);
    expect(changes[0]?.rollout).toMatchObject({ order: 'stop-first', socketsLost: true });
  });
});
