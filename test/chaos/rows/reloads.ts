import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Ran } from '../../support/host.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

/** Writes a line for each HUP that it gets. */
const LISTENING = `trap 'echo hup >> signals' HUP; : > ready; while :; do sleep 0.05; done`;

/** Notes that it runs, and waits for a file before it ends well. */
const COMMAND = ['sh', '-c', 'echo "$$" >> runs; while [ ! -e go ]; do sleep 0.02; done'];

function lines(world: World, file: string): readonly string[] {
  if (!existsSync(join(world.folder, file))) return [];
  return world.text(file).split('\n').filter(Boolean);
}

/** Which of the two dies in the middle of a reload; `upgrade`: neither. */
const CUTS = ['controller', 'runner', 'both', 'upgrade'] as const;

async function cut(world: World, which: (typeof CUTS)[number]): Promise<void> {
  if (which === 'upgrade') {
    await world.ok('daemon', 'upgrade', '--force');
    return;
  }
  const killed = which === 'both' ? (['controller', 'runner'] as const) : [which];
  const pids = await Promise.all(killed.map((name) => world.kill(name)));
  if (which === 'both') await world.ok('daemon', 'start');
  await Promise.all(killed.map((name, index) => world.next(name, pids[index] ?? 0)));
}

/** The condition that says that a reload has failed, where there is one. */
async function failedReload(world: World, app: string): Promise<string | null> {
  const { items } = await world.apps();
  const status = items.find(({ name }) => name === app)?.status;
  return (
    status?.conditions.find(({ type, status: is }) => type === 'Reloaded' && is === 'False')?.message ?? null
  );
}

/** Ends with 3 where it has failed, and where nobody could see how it ended. */
async function reloaded(world: World, app: string): Promise<Ran> {
  return world.ends([0, 3], ['reload', app]);
}

export const reloads: readonly Row[] = [
  {
    name: 'reload-by-command-cut-off',
    faults: [66],
    holds:
      'controller, runner, both killed or replaced while its command runs: it runs once, and is told to have ended well',
    async run(world) {
      world.declare({ name: 'conf', script: 'sleep 1000', reload: { command: COMMAND, timeout: '60s' } });
      await world.ok('apply');
      const before = await world.pids();
      const cuts = world.variants(CUTS);
      for (const [index, which] of cuts.entries()) {
        const reload = world.run(['reload', 'conf']);
        await until(() => lines(world, 'runs').length === index + 1, 'the command runs');
        await cut(world, which);
        await world.moment(0, 400);
        world.write('go', '');
        expect((await reload).code, which).toBe(0);
        world.remove('go');
        expect(await failedReload(world, 'conf')).toBeNull();
        expect(lines(world, 'runs'), which).toHaveLength(index + 1);
      }
      expect(await world.pids()).toEqual(before);
      await world.settled();
    },
  },
  {
    name: 'reload-by-signal-cut-off',
    faults: [66],
    holds:
      'runner killed before, while and after it sends the signal: it is sent once or the reload has failed and says so, never twice; the next one works',
    async run(world) {
      world.declare({ name: 'conf', script: LISTENING, shell: '/bin/sh', reload: { signal: 'HUP' } });
      await world.ok('apply');
      await until(() => existsSync(join(world.folder, 'ready')), 'it listens');
      const before = await world.pids();
      const outcomes: string[] = [];
      for (const step of world.variants(['intended', 'sent', 'done'] as const)) {
        const had = lines(world, 'signals').length;
        world.arm(`reload.${step}:kill`);
        const { code } = await reloaded(world, 'conf');
        await until(() => world.fired, 'the fault has happened');
        const why = await failedReload(world, 'conf');
        expect(why === null, step).toBe(code === 0);
        if (why !== null) expect((await world.ok('why', 'conf')).text).toContain('is not known');
        const came = lines(world, 'signals').length - had;
        expect(came, step).toBeLessThanOrEqual(1);
        outcomes.push(`${step}: ${code === 0 ? 'done' : 'told'}`);
        // Whether the one before is still on its way: the next one is told apart from it.
        await world.ok('reload', 'conf');
        expect(await failedReload(world, 'conf')).toBeNull();
        await until(() => lines(world, 'signals').length > had, 'the next signal has come');
      }
      expect(await world.pids()).toEqual(before);
      world.notes.push(outcomes.join(', '));
    },
  },
  {
    name: 'hooks-under-kills',
    faults: [67],
    holds:
      'controller or runner killed at any time while releases roll: no hook runs twice, and one that could not be started is told',
    async run(world) {
      const names = ['pre_start', 'post_start', 'pre_stop', 'post_stop'] as const;
      const line = 'sleep 0.1; echo "$STATEWARD_HOOK $STATEWARD_REVISION $STATEWARD_PID" >> hooks';
      const hooks = Object.fromEntries(names.map((name) => [name, { command: ['sh', '-c', line] }]));
      const pids = new Set<number>();
      const times = world.times(6);
      for (let version = 1; version <= times; version++) {
        world.declare({ name: 'api', script: 'sleep 1000', env: { VERSION: String(version) }, hooks });
        await world.ends([0], ['apply', '--no-wait']);
        await world.moment(0, 900);
        const which = world.random.pick(['controller', 'runner'] as const);
        if (world.pidOf(which) !== null) await world.kill(which);
        await world.ok('daemon', 'start');
        await world.ok('wait', 'api', '--timeout', '30s');
        for (const pid of (await world.pids())['api'] ?? []) pids.add(pid ?? 0);
      }
      await world.settled();
      // One that could not be started, as the runner was killed over it, is told; none is lost, and none runs twice.
      const told = async (): Promise<readonly string[]> =>
        (await world.ok('events', '--limit', '1000')).stdout
          .split('\n')
          .filter((text) => text.includes('HookFailed'));
      const due = 2 * times + 2 * (times - 1);
      const isEach = async (): Promise<boolean> =>
        lines(world, 'hooks').length + (await told()).length >= due;
      await until(isEach, 'every hook has run, or is told');
      const ran = lines(world, 'hooks');
      const about = (name: string, field: number): readonly string[] =>
        ran.flatMap((text) => (text.startsWith(`${name} `) ? [text.split(' ')[field] ?? ''] : []));
      const started = [...pids].map(String);
      const unlike = (some: readonly string[], all: readonly string[]): readonly string[] =>
        some.filter((one, index) => !all.includes(one) || some.indexOf(one) !== index);
      expect(new Set(about('pre_start', 1)).size).toBe(times);
      expect(about('pre_start', 1)).toHaveLength(times);
      expect(unlike(about('post_start', 2), started)).toEqual([]);
      expect(unlike(about('pre_stop', 2), started)).toEqual([]);
      expect(about('post_stop', 1).length).toBeLessThan(times);
      expect(ran.length + (await told()).length).toBe(due);
      world.notes.push(`${ran.length} hooks`);
    },
  },
];
