import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';
import { stateLayout } from '../../../src/state/disk/layout.ts';
import { Fleet } from '../harness/fleet.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

type Damage = (world: World, path: string) => void;

/** What becomes of a file when a disk, a tool or a hurried person has been at it. */
const DAMAGES: Readonly<Record<string, Damage>> = {
  'cut off': (world, path) => truncateSync(path, world.random.between(1, readFileSync(path).length - 2)),
  empty: (_, path) => truncateSync(path, 0),
  garbage: (world, path) => writeFileSync(path, world.random.bytes(4_096)),
  zeros: (_, path) => writeFileSync(path, Buffer.alloc(4_096)),
  'one byte changed': (world, path) => {
    const bytes = readFileSync(path);
    const at = world.random.between(0, bytes.length - 1);
    bytes[at] = (bytes[at] ?? 0) ^ 0x20;
    writeFileSync(path, bytes);
  },
  deleted: (_, path) => rmSync(path),
};

/** Damages a file while nobody runs but the apps, and starts the daemon: the same processes are there, none is ended. */
async function survives(world: World, fleet: Fleet, damage: () => void): Promise<void> {
  const before = await world.pids();
  await fleet.serving(async () => {
    await world.ok('daemon', 'stop');
    damage();
    await world.ok('daemon', 'start');
    // The state before may not know the newest app, nor its version: it is never taken for "nothing is desired".
    await world.ok('apply');
    expect(await world.pids()).toEqual(before);
  });
  await world.settled();
}

const project = (world: World): string => stateLayout(world.paths.state).projectFile('shop');
const history = (world: World): string => stateLayout(world.paths.state).historyFile('shop');

export const state: readonly Row[] = [
  {
    name: 'state-damaged',
    faults: [16],
    holds: 'the previous version of the state is used, the bad file is set aside, and no process is ended',
    smoke: true,
    async run(world) {
      const fleet = await Fleet.applied(world);
      // A second version, so that there is one before; it changes nothing that needs another process.
      fleet.declare({ settings: { max_memory_restart: '900M' } });
      await world.ok('apply');
      for (const [how, damage] of world.variants(Object.entries(DAMAGES))) {
        await survives(world, fleet, () => damage(world, project(world))).catch((error: unknown) => {
          throw new Error(`${how}: ${String(error)}`);
        });
      }
      world.notes.push(Object.keys(DAMAGES).join(', '));
    },
  },
  {
    name: 'state-damaged-twice',
    faults: [16],
    holds:
      'when no version can be read the daemon does not start and names the file; apps serve on; a restored file is taken',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      const path = project(world);
      const whole = readFileSync(path);
      await fleet.serving(async () => {
        await world.ok('daemon', 'stop');
        for (const file of [path, `${path}.prev`]) writeFileSync(file, world.random.bytes(100));
        const ran = await world.ends([1, 69], ['daemon', 'start'], { limitMs: 15_000 });
        expect(ran.text).toContain(path);
        writeFileSync(path, whole);
        await world.ok('daemon', 'start');
        expect(await world.pids()).toEqual(before);
      });
    },
  },
  {
    name: 'histories-and-events-damaged',
    faults: [16],
    holds: 'what is only remembered begins anew; what is desired, and every process, is as before',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const layout = stateLayout(world.paths.state);
      for (const path of [history(world), layout.ids, layout.events]) {
        for (let time = 0; time < 2; time++) {
          const [how, damage] = world.random.pick(Object.entries(DAMAGES));
          // What has ended is in the history.
          await world.ok('restart', 'sh');
          await until(() => existsSync(path), `there is ${path}`);
          await survives(world, fleet, () => damage(world, path)).catch((error: unknown) => {
            throw new Error(`${path}, ${how}: ${String(error)}`);
          });
        }
      }
    },
  },
  {
    name: 'state-of-a-newer-version',
    faults: [18],
    holds: 'the daemon refuses it at once and says so; it writes nothing, and apps serve on',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const path = project(world);
      const whole = readFileSync(path, 'utf8');
      await fleet.serving(async () => {
        await world.ok('daemon', 'stop');
        const newer = whole.replace('"format":1', '"format":99');
        writeFileSync(path, newer);
        const ran = await world.ends([1, 69], ['daemon', 'start'], { limitMs: 5_000 });
        expect(ran.text).toMatch(/newer/);
        expect(readFileSync(path, 'utf8')).toBe(newer);
        writeFileSync(path, whole);
        await world.ok('daemon', 'start');
      });
    },
  },
  ...(['ENOSPC', 'EIO', 'EROFS'] as const).map((code): Row => ({
    name: `state-write-${code.toLowerCase()}`,
    faults: code === 'EIO' ? [15] : [14],
    holds:
      'an apply that cannot be saved is refused and changes nothing; apps serve on; it is taken when the disk is well again',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        for (const at of [
          'state.write',
          'state.written',
          'state.synced',
          'state.kept',
          'state.renamed',
        ] as const) {
          world.arm(`${at}:error=${code}`);
          fleet.declare({ version: '2' });
          const ran = await world.ends([1], ['apply']);
          expect(ran.stderr, at).toMatch(/STATE_WRITE/);
          expect(world.fired, at).toBe(true);
          world.disarm();
          expect(await world.pids()).toEqual(before);
          fleet.declare();
          expect((await world.ok('apply')).text, at).toMatch(/\b0 processes touched/);
        }
      });
      fleet.declare({ version: '2' });
      await world.ok('apply');
      expect(await world.pids()).not.toEqual(before);
    },
  })),
  {
    name: 'events-and-histories-cannot-be-written',
    faults: [13, 14],
    holds: 'apps are started, stopped and restarted as asked; nothing ends because of it',
    async run(world) {
      const fleet = await Fleet.applied(world);
      await fleet.serving(async () => {
        for (const at of ['event.append', 'history.flush'] as const) {
          world.arm(`${at}:error=ENOSPC`);
          await world.ok('restart', 'sh');
          await world.ok('stop', 'sh');
          await world.ok('start', 'sh');
          expect(world.fired, at).toBe(true);
          world.disarm();
        }
      });
      await world.settled();
    },
  },
];
