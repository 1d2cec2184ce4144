import { afterEach, describe, expect, it } from 'vitest';
import type { DriverEvent } from '../../../src/driver/driver.ts';
import { ok } from '../../../src/lib/result.ts';
import type { DesiredApp } from '../../../src/plan/model/desired.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { StatusTable } from '../../../src/reconcile/status-table.ts';
import { portConflictsTrigger } from '../../../src/triggers/probes/port-conflicts.ts';
import type { PortOwner } from '../../../src/triggers/probes/port-owner.ts';
import type { Trigger } from '../../../src/triggers/trigger.ts';
import { makeApp, makeExit, makeInstance } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const timing = { period: 1_000, timeout: 500, initial_delay: 0, success_threshold: 1, failure_threshold: 3 };
const probed = makeApp('api', {
  spec: { readiness: { ...timing, tcp: { port: 3000, host: '127.0.0.1' } } },
});
const stranger: PortOwner = { kind: 'stranger', pid: 12, nonce: null, command: 'python3 -m http.server' };

let trigger: Trigger | undefined;
afterEach(() => trigger?.close());

function rig(app: DesiredApp, said: readonly string[] = []) {
  const clock = new FakeClock();
  const listeners = new Set<(event: DriverEvent) => void>();
  const owner: { now: PortOwner } = { now: stranger };
  const asked: unknown[] = [];
  const others = new Map<string, ObservedInstance>();
  const shown: unknown[] = [];
  const status = new StatusTable((error) => {
    throw error;
  });
  trigger = portConflictsTrigger({
    clock,
    outlet: { submit: () => undefined },
    status: {
      report: (key, type, condition) => {
        const isNews = status.report(key, type, condition);
        if (isNews) shown.push(condition?.message ?? null);
        return isNews;
      },
    },
    store: { appendEvent: (event) => ({ ...event, seq: 1 }) },
    driver: {
      instance: (nonce) => others.get(nonce),
      subscribe: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      tail: () => Promise.resolve(ok(said.map((line) => ({ stream: 'err', line }) as const))),
    },
    owners: {
      find: ({ host, port }) => {
        asked.push(`${host}:${port}`);
        return Promise.resolve(owner.now);
      },
    },
  });
  trigger.sync({ apps: [app], instances: [] });
  const crash = async (fields: Partial<ObservedInstance> = {}): Promise<void> => {
    const instance = makeInstance(app, { state: 'exited', exit: makeExit({ code: 1 }), ...fields });
    for (const listener of listeners) listener({ kind: 'instance', instance });
    await settled();
  };
  return { clock, owner, asked, others, shown, crash };
}

describe('a port that somebody else holds', () => {
  it('is told of an app that keeps ending, until it is free', async () => {
    const { clock, owner, shown, crash } = rig(probed);
    await crash();
    await crash();
    const held = 'port 3000 is held by process 12 (python3 -m http.server), which is not of this instance';
    expect(shown).toEqual([`${held}; end it, or give the app another port`]);
    owner.now = { kind: 'nobody' };
    clock.advance(2_000);
    await settled();
    expect(shown).toEqual([expect.any(String), null]);
  });

  it('is known from what the process wrote, where no probe names it', async () => {
    for (const [line, port] of [
      ['Error: listen EADDRINUSE: address already in use :::4000', 4000],
      ['listen tcp :8080: bind: address already in use', 8080],
    ] as const) {
      const { asked, crash } = rig(makeApp('api'), [line]);
      await crash();
      expect(asked).toEqual([`localhost:${port}`]);
    }
  });

  it('is not looked for after an end that is not a failure, nor of an app that is stopped', async () => {
    const { asked, crash } = rig(probed);
    await crash({ exit: makeExit({ code: 0 }) });
    await crash({ exit: makeExit({ code: 1, requested: true }) });
    trigger?.sync({ apps: [{ ...probed, override: { run: 'stopped', by: 'ann', at: 0 } }], instances: [] });
    await crash();
    expect(asked).toEqual([]);
  });

  it('is not a conflict when the successor has it, and one when another slot or app has', async () => {
    const { owner, others, shown, crash } = rig(probed);
    owner.now = { ...stranger, nonce: 'n9' };
    others.set('n9', makeInstance(probed, { nonce: 'n9' }));
    await crash();
    expect(shown).toEqual([]);
    others.set('n9', makeInstance(probed, { nonce: 'n9', slot: 3 }));
    await crash();
    expect(shown).toEqual([expect.stringContaining(`slot 3 of ${probed.key}`)]);
  });

  it('of a slot is the one that its increment_var counts up to', async () => {
    const spec = { ...probed.spec, increment_var: 'PORT', env: { PORT: '3000' } };
    const { asked, crash } = rig({ ...probed, spec });
    await crash({ slot: 2 });
    expect(asked).toEqual(['127.0.0.1:3002']);
  });
});
