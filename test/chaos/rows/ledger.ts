import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { Fleet } from '../harness/fleet.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

const DAMAGES: Readonly<Record<string, (world: World) => void>> = {
  gone: ({ paths }) => rmSync(paths.ledger),
  empty: ({ paths }) => truncateSync(paths.ledger, 0),
  garbage: ({ paths, random }) => writeFileSync(paths.ledger, random.bytes(8_192)),
  'cut off': ({ paths, random }) =>
    truncateSync(paths.ledger, random.between(1, readFileSync(paths.ledger).length - 2)),
  'of last week': ({ paths }) => writeFileSync(paths.ledger, '{"kind":"forget","nonce":"none"}\n'),
};

export const ledger: readonly Row[] = [
  {
    name: 'ledger-damaged',
    faults: [17],
    holds:
      'the next runner finds the processes by their marks: no slot is filled a second time, and daemon stop --all ends all',
    smoke: true,
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (const [how, damage] of world.variants(Object.entries(DAMAGES))) {
          damage(world);
          const runner = await world.kill('runner');
          if (world.random.between(0, 1) === 1) await world.kill('controller');
          await world.ok('daemon', 'start');
          await world.next('runner', runner);
          await world.settled();
          expect(await world.pids(), how).toEqual(before);
          await world.check();
        }
      });
      world.notes.push(Object.keys(DAMAGES).join(', '));
    },
  },
  ...(['ENOSPC', 'EIO'] as const).map((code): Row => ({
    name: `ledger-write-${code.toLowerCase()}`,
    faults: [14, 15],
    holds:
      'starts and stops go on, and what is started is known by its mark; all of it is written down when the disk is well again',
    async run(world) {
      const fleet = await Fleet.applied(world);
      await fleet.serving(async () => {
        world.arm(`ledger.append:error=${code}`);
        const ran = await world.run(['restart', 'sh', '--timeout', '10s']);
        expect(world.fired).toBe(true);
        expect(ran.code, ran.text).not.toBeNull();
        world.disarm();
        await world.settled();
        world.arm(`ledger.appended:error=${code}`);
        await world.ok('stop', 'sh');
        world.disarm();
        await world.ok('start', 'sh');
      });
      await world.settled();
    },
  })),
];
