import { describe, expect, it } from 'vitest';
import { unchanging } from '../../../src/lib/values/live.ts';
import type { UsageSample } from '../../../src/triggers/usage/sample-usage.ts';
import { UsageTable } from '../../../src/triggers/usage/usage-table.ts';
import { usageTrigger } from '../../../src/triggers/usage/usage.ts';
import { makeApp } from '../../plan/fixtures.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const SECOND = 1_000;
const running = (name: string, pid: number) =>
  ({ nonce: name, key: `shop/${name}`, slot: 0, state: 'running', pid, upMs: 60_000 }) as const;

/** What is sampled, and when: seconds since the beginning. */
function rig() {
  const clock = new FakeClock();
  const looks: string[] = [];
  const note = (kind: string, roots: readonly number[]): Promise<ReadonlyMap<number, UsageSample>> => {
    looks.push(`${clock.monotonic() / SECOND} ${kind} ${roots.join(' ')}`);
    return Promise.resolve(new Map());
  };
  const usage = new UsageTable((error) => {
    throw error;
  });
  const trigger = usageTrigger({
    clock,
    usage,
    intervals: { usage: unchanging(2 * SECOND) },
    outlet: { requestRestart: () => undefined, submit: () => undefined },
    sample: { all: (roots) => note('all', roots), memory: (roots) => note('memory', roots) },
  });
  const limited = makeApp('limited', { spec: { max_memory_restart: 1 } });
  trigger.sync({ apps: [makeApp('api'), limited], instances: [running('api', 10)] });
  /** What was looked at in these seconds. */
  const during = async (seconds: number): Promise<readonly string[]> => {
    for (let half = 0; half < seconds * 2; half += 1) {
      clock.advance(SECOND / 2);
      await new Promise((resolve) => setImmediate(resolve));
    }
    return looks.splice(0);
  };
  const startLimited = (): void =>
    trigger.sync({ apps: [limited], instances: [running('api', 10), running('limited', 11)] });
  return { usage, trigger, during, startLimited, clock };
}

describe('processes are sampled', () => {
  it('every 10 s while nobody looks, after two rounds that tell what they use', async () => {
    const { during } = rig();
    expect(await during(25)).toEqual(['0 all 10', '2 all 10', '12 all 10', '22 all 10']);
  });

  it('every 2 s for who follows, beginning at once', async () => {
    const { usage, during } = rig();
    await during(8);
    const end = usage.subscribe(() => undefined);
    expect(await during(5)).toEqual(['8 all 10', '10 all 10', '12 all 10']);
    end();
    end();
    // Whoever has looked may well look again.
    await during(40);
    expect(await during(12)).toHaveLength(1);
  });

  it('every 2 s for half a minute for who has asked, and no sooner than that', async () => {
    const { usage, during } = rig();
    await during(3);
    usage.asked();
    usage.asked();
    expect((await during(3)).map((look) => look.split(' ')[0])).toEqual(['4', '6']);
    await during(30);
    expect(await during(12)).toHaveLength(1);
  });

  it('every 2 s for their limits, and only those that have one', async () => {
    const { during, startLimited } = rig();
    await during(5);
    startLimited();
    expect(await during(9)).toEqual([
      '5 memory 11',
      '7 memory 11',
      '9 memory 11',
      '11 memory 11',
      '12 all 10 11',
      '14 memory 11',
    ]);
  });

  it('not at all after the end, whoever asks', async () => {
    const { usage, trigger, during, clock } = rig();
    await during(1);
    trigger.close();
    usage.asked();
    expect(clock.nextDelayMs()).toBeUndefined();
    expect(await during(5)).toEqual([]);
  });
});
