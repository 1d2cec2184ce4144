import { describe, expect, it } from 'vitest';
import type { UsageSample } from '../../../src/triggers/usage/sample-usage.ts';
import type { TriggerInstance, TriggerRestart, TriggerView } from '../../../src/triggers/trigger.ts';
import { UsageTable } from '../../../src/triggers/usage/usage-table.ts';
import { unchanging } from '../../../src/lib/values/live.ts';
import { usageTrigger } from '../../../src/triggers/usage/usage.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const MB = 1024 * 1024;
const PERIOD = 2_000;

function instance(overrides: Partial<TriggerInstance> = {}): TriggerInstance {
  return { nonce: 'n1', key: 'shop/api', slot: 0, state: 'running', pid: 10, upMs: 60_000, ...overrides };
}

function limited(max_memory_restart: number | null, override: 'stopped' | null = null) {
  return {
    ...makeApp('api', { spec: { max_memory_restart } }),
    override: override && { run: override, by: 'ann', at: 0 },
  };
}

/** A usage trigger whose samples are what `memory` says, one round at a time. */
function rig(first: TriggerView) {
  const clock = new FakeClock();
  const restarts: TriggerRestart[] = [];
  const memory = new Map<number, number>();
  const sampled: (readonly number[])[] = [];
  const take = (roots: readonly number[]): Promise<ReadonlyMap<number, UsageSample>> => {
    sampled.push(roots);
    return Promise.resolve(
      new Map([...memory].map(([pid, memoryBytes]) => [pid, { cpuPercent: 0, memoryBytes }])),
    );
  };
  const trigger = usageTrigger({
    clock,
    outlet: { requestRestart: (restart) => restarts.push(restart), submit: () => undefined },
    sample: { all: take, memory: take },
    intervals: { usage: unchanging(PERIOD) },
    usage: new UsageTable((error) => {
      throw error;
    }),
  });
  trigger.sync(first);
  const rounds = async (count: number): Promise<void> => {
    for (let round = 0; round < count; round++) {
      clock.advance(PERIOD);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { clock, trigger, restarts, memory, sampled, rounds };
}

describe('max_memory_restart', () => {
  it('asks for a restart of the one instance that is above its limit three samples in a row', async () => {
    const other = instance({ nonce: 'n2', slot: 1, pid: 11 });
    const { memory, rounds, restarts } = rig({ apps: [limited(100 * MB)], instances: [instance(), other] });
    memory.set(10, 150.5 * MB).set(11, 99 * MB);
    await rounds(2);
    expect(restarts).toEqual([]);
    await rounds(1);
    expect(restarts).toEqual([
      {
        key: 'shop/api',
        slot: 0,
        reason: 'MemoryLimit',
        detail: 'slot 0 (pid 10) used 150.5M, above max_memory_restart 100.0M in 3 samples in a row',
      },
    ]);
  });

  it('leaves alone what is being replaced, so that its successor is not restarted for it', async () => {
    const app = { ...limited(100 * MB), templateHash: 'new' };
    const outgoing = instance({ templateHash: 'old' });
    const successor = instance({ nonce: 'n2', pid: 11, templateHash: 'new' });
    const { memory, rounds, restarts, trigger } = rig({ apps: [app], instances: [outgoing, successor] });
    memory.set(10, 150 * MB).set(11, 50 * MB);
    await rounds(10);
    expect(restarts).toEqual([]);
    // Taken back: it is what is declared again.
    trigger.sync({ apps: [{ ...app, templateHash: 'old' }], instances: [outgoing] });
    await rounds(3);
    expect(restarts).toMatchObject([{ slot: 0, reason: 'MemoryLimit' }]);
  });

  it('takes a peak for no leak', async () => {
    const { memory, rounds, restarts } = rig({ apps: [limited(100 * MB)], instances: [instance()] });
    for (const used of [150, 150, 100, 150, 150]) {
      memory.set(10, used * MB);
      await rounds(1);
    }
    expect(restarts).toEqual([]);
  });

  it('asks once for a process, and again for the one that follows it', async () => {
    const app = limited(100 * MB);
    const { memory, rounds, restarts, trigger } = rig({ apps: [app], instances: [instance()] });
    memory.set(10, 150 * MB).set(20, 150 * MB);
    await rounds(9);
    expect(restarts).toHaveLength(1);
    trigger.sync({ apps: [app], instances: [instance({ nonce: 'n2', pid: 20 })] });
    await rounds(2);
    expect(restarts).toHaveLength(1);
    await rounds(1);
    expect(restarts).toHaveLength(2);
  });

  it('goes by a limit that was changed from the next sample on', async () => {
    const { memory, rounds, restarts, trigger } = rig({ apps: [limited(null)], instances: [instance()] });
    memory.set(10, 150 * MB);
    await rounds(5);
    expect(restarts).toEqual([]);
    trigger.sync({ apps: [limited(100 * MB)], instances: [instance()] });
    await rounds(2);
    trigger.sync({ apps: [limited(200 * MB)], instances: [instance()] });
    await rounds(5);
    expect(restarts).toEqual([]);
  });

  it('leaves alone what is on its way out', async () => {
    const stopping = instance({ state: 'stopping' });
    const stopped = rig({ apps: [limited(MB, 'stopped')], instances: [instance()] });
    const replaced = rig({ apps: [limited(MB)], instances: [stopping] });
    for (const { memory, rounds } of [stopped, replaced]) {
      memory.set(10, 150 * MB);
      await rounds(5);
    }
    expect([...stopped.restarts, ...replaced.restarts]).toEqual([]);
  });

  it('samples no process that has exited, and nothing after its end', async () => {
    const gone = instance({ nonce: 'n2', state: 'exited', pid: 11 });
    const { rounds, sampled, trigger, clock } = rig({ apps: [], instances: [instance(), gone] });
    await rounds(1);
    expect(sampled).toEqual([[10]]);
    trigger.close();
    expect(clock.nextDelayMs()).toBeUndefined();
  });
});
