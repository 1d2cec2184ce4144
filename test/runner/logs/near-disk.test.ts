import { describe, expect, test } from 'vitest';
import { NearDisk } from '../../../src/runner/logs/near-disk.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A disk of device 1, on which every write takes `ms`. */
function rig(device: bigint | null = 1n) {
  const clock = new FakeClock();
  const disk = { ms: 0, writes: 0, error: undefined as Error | undefined };
  const near = new NearDisk({
    clock,
    folder: '/home/logs',
    host: {
      deviceOf: () => device,
      write: (_fd, batch) => {
        disk.writes += 1;
        clock.advance(disk.ms);
        if (disk.error !== undefined) throw disk.error;
        return Buffer.concat(batch).length;
      },
    },
  });
  const write = (dev = 1n) => near.write({ fd: 9, stats: { dev } }, [Buffer.from('line\n')]);
  return { clock, disk, write };
}

describe('lines of apps are written', () => {
  test('at once to the disk of the home, and by another thread to every other', () => {
    const { disk, write } = rig();
    expect([write(), write(2n)]).toEqual([5, null]);
    expect(disk.writes).toBe(1);
  });

  test('by another thread where the home is on no disk of this host', () => {
    expect(rig(null).write()).toBeNull();
  });

  test('by another thread for a while once a write has waited, longer each time it does', () => {
    const { clock, disk, write } = rig();
    for (const restMs of [1_000, 2_000, 4_000]) {
      disk.ms = 50;
      expect(write()).toBe(5);
      disk.ms = 0;
      clock.advance(restMs - 1);
      expect(write()).toBeNull();
      clock.advance(1);
      expect(write()).toBe(5);
    }
    // Quick for as long as it would rest: that is forgotten.
    clock.advance(8_001);
    write();
    disk.ms = 50;
    write();
    clock.advance(1_000);
    expect(write()).toBe(5);
  });

  test('and never wait for more than a minute in which threads do it', () => {
    const { clock, disk, write } = rig();
    disk.ms = 50;
    for (let slow = 0; slow < 20; slow++) {
      expect(write()).toBe(5);
      clock.advance(60_000);
    }
  });

  test('with the error of the system where it takes none, which may be as slow', () => {
    const { disk, write } = rig();
    disk.error = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    disk.ms = 50;
    expect(write).toThrow('no space left');
    expect(write()).toBeNull();
  });
});
