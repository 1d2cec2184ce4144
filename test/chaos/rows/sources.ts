import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { homeLayout } from '../../../src/home/layout.ts';
import { FAILPOINTS, type FailpointName } from '../../../src/lib/failpoints/names.ts';
import { GitShop } from '../../controller/sources/support/git-shop.ts';
import { Keys } from '../../sources/support/keys.ts';
import { isAlive } from '../../support/host.ts';
import { smallHome } from '../harness/small-home.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';

/** What a source passes with each version, in this order. */
export type SourceStep = Extract<FailpointName, `source.${string}` | `release.${string}`>;
const STEPS: Readonly<Record<SourceStep, true>> = {
  'source.fetched': true,
  'source.verified': true,
  'release.exported': true,
  'release.built': true,
  'release.synced': true,
  'release.marked': true,
  'source.valid': true,
  'source.asked': true,
  'source.accepted': true,
  'source.applied': true,
  'source.smoked': true,
  'source.settled': true,
  'release.retired': true,
  'source.told': true,
};

const COMMANDS = ['build', 'before_apply', 'smoke', 'after_apply'] as const;
type Command = (typeof COMMANDS)[number];

/**
 * A source with a build and a command at every stage. Each of them notes when it begins and ends, and whether another one
 * of its kind runs at the same time; it hangs once where that is asked for, with a child that has left its group.
 */
class Delivery {
  readonly #world: World;
  readonly #shop: GitShop;
  readonly #journal: string;
  readonly #hang: string;
  #version = 0;

  static async declared(world: World): Promise<Delivery> {
    const delivery = new Delivery(world);
    const run = (name: Command) => ({ command: [join(world.folder, 'command.sh'), name], timeout: '60s' });
    const { build: _, ...hooks } = Object.fromEntries(COMMANDS.map((name) => [name, run(name)]));
    await delivery.#shop.source({ build: run('build'), hooks, keep: 1 });
    await delivery.comesIn(delivery.push());
    return delivery;
  }

  private constructor(world: World) {
    this.#world = world;
    this.#shop = new GitShop(world);
    this.#journal = join(world.folder, 'journal');
    this.#hang = join(world.folder, 'hang');
    const script = [
      '#!/bin/sh',
      `exec 9> ${this.#journal}.$1.lock`,
      `flock -n 9 || echo "$1 runs twice" >> ${this.#journal}`,
      `echo "$1 $STATEWARD_COMMIT $$" >> ${this.#journal}`,
      `if [ "$(cat ${this.#hang} 2>/dev/null)" = "$1" ]; then`,
      `  rm ${this.#hang}`,
      `  setsid sh -c 'echo $$ > ${this.#hang}.pid; exec sleep 600' &`,
      '  sleep 600',
      'fi',
      '[ "$1" != build ] || echo built > built',
      `echo "$1 $STATEWARD_COMMIT ended" >> ${this.#journal}`,
      '',
    ];
    world.script('command.sh', script.join('\n'));
  }

  /** Pushes a version that touches every app. */
  push(): string {
    this.#version += 1;
    const env = { CHAOS_WORLD: this.#world.folder };
    const app = { script: './app.js', env, min_uptime: 50, listen_timeout: '60s' };
    this.#shop.declare({ name: 'one', ...app }, { name: 'two', ...app });
    this.#shop.file(
      'app.js',
      `require('fs').readFileSync(__dirname + '/built'); setInterval(() => 0, 1e6); // ${this.#version}`,
    );
    return this.#shop.push(`version ${this.#version}`);
  }

  /** Has the source looked at, whatever happens to the daemon meanwhile. */
  async ask(): Promise<void> {
    await this.#world.run(['source', 'sync', 'shop', '--no-wait']);
  }

  /** A version is good, all that runs is of it, and every command has come to its end for it. */
  async comesIn(commit: string): Promise<void> {
    await until(async () => {
      const info = await this.#shop.info();
      if (info === null) return undefined;
      const { lastGood, state } = info.status;
      if (lastGood?.version === commit && state === 'Synced') return true;
      // Who has asked may not have been heard: whoever kills the daemon knows.
      if (info.status.asked === null && info.status.head?.version !== commit) await this.ask();
      return undefined;
    }, `${commit} is good`).catch(async (error: unknown) => {
      throw new Error(`${String(error)}\n${(await this.#world.run(['source', 'describe', 'shop'])).text}`);
    });
    await until(
      () => COMMANDS.every((name) => this.#noted().includes(`${name} ${commit} ended`)),
      'every command has ended',
    );
    const { items } = await this.#world.apps();
    expect(items.map(({ source }) => source?.commit)).toEqual([commit, commit]);
    expect(this.#noted().filter((line) => line.endsWith('twice'))).toEqual([]);
  }

  /** Has one of the commands hang in the next version. */
  hangIn(name: Command): void {
    this.#world.write('hang', name);
  }

  /** The command that hangs, and what it has started: their pids, once they are there. */
  async hanging(name: Command, commit: string): Promise<readonly [number, number]> {
    const child = Number(
      await until(() => {
        const file = `${this.#hang}.pid`;
        return existsSync(file) && readFileSync(file, 'utf8').endsWith('\n')
          ? readFileSync(file, 'utf8')
          : undefined;
      }, `${name} hangs`),
    );
    this.#world.remove('hang.pid');
    const line = this.#noted().findLast((text) => text.startsWith(`${name} ${commit}`));
    return [Number(line?.split(' ')[2]), child];
  }

  get shop(): GitShop {
    return this.#shop;
  }

  #noted(): readonly string[] {
    return existsSync(this.#journal) ? readFileSync(this.#journal, 'utf8').split('\n') : [];
  }
}

export const sources: readonly Row[] = [
  {
    name: 'source-killed-at-each-stage',
    faults: [68],
    holds:
      'killed between fetched, verified, checked out, built, asked, accepted, rolled out, smoked, settled, told and retired: the version comes in, no command runs twice at a time, and none is left out',
    needs: ['flock'],
    async run(world) {
      const delivery = await Delivery.declared(world);
      const steps = Object.keys(STEPS) as SourceStep[];
      for (const step of steps) {
        const commit = delivery.push();
        world.arm(`${step}:kill`);
        await delivery.ask();
        await until(() => world.fired, `${step} is passed`);
        await delivery.comesIn(commit).catch((error: unknown) => {
          throw new Error(`killed at ${step} (${FAILPOINTS[step].at}): ${String(error)}`);
        });
        await world.check();
      }
      const releases = join(world.paths.home, 'releases/shop');
      expect(readdirSync(releases).filter((name) => !name.startsWith('.')).length).toBeLessThanOrEqual(2);
      world.notes.push(`${steps.length} steps`);
    },
  },
  {
    name: 'source-killed-in-a-command',
    faults: [69],
    holds:
      'killed in the middle of a build or a hook: what that has started is ended before it runs again, wherever it has gone, and the version comes in',
    needs: ['flock'],
    smoke: true,
    async run(world) {
      const delivery = await Delivery.declared(world);
      for (const name of world.variants(COMMANDS)) {
        delivery.hangIn(name);
        const commit = delivery.push();
        await delivery.ask();
        const pids = await delivery.hanging(name, commit);
        await world.kill('controller');
        await delivery.comesIn(commit);
        expect(pids.filter(isAlive), name).toEqual([]);
      }
      // Nobody builds it any more: what was left is ended all the same.
      delivery.hangIn('build');
      const commit = delivery.push();
      await delivery.ask();
      const pids = await delivery.hanging('build', commit);
      await world.ok('source', 'suspend', 'shop');
      await world.kill('controller');
      await until(() => pids.every((pid) => !isAlive(pid)), 'the build is ended');
      await world.ok('source', 'resume', 'shop');
      await delivery.comesIn(commit);
    },
  },
  {
    name: 'disk-of-releases-full',
    faults: [70],
    holds:
      'a version that the disk has no room for is refused and says so; apps run on, and it comes in by itself when there is room',
    needs: ['mounts', 'flock'],
    async run(world) {
      const disk = await smallHome(world, '12m');
      try {
        const delivery = await Delivery.declared(world);
        const before = await world.pids();
        // Little as it is sent, and much as it is checked out.
        delivery.shop.file('big', 'x'.repeat(2 * 1024 * 1024));
        delivery.push();
        disk.fill();
        expect((await world.ends([1], ['source', 'sync', 'shop'])).stderr).toContain('STATE_WRITE');
        disk.free();
        disk.fill(1024 * 1024);
        const ran = await world.ends([1], ['source', 'sync', 'shop']);
        expect(ran.stderr).toContain('error[RELEASE_FAILED]: cannot write the release: the disk is full');
        const noise = randomBytes(2 * 1024 * 1024).toString('latin1');
        delivery.shop.file('noise', noise);
        const commit = delivery.push();
        const unfetched = await world.ends([1], ['source', 'sync', 'shop']);
        expect(unfetched.stderr).toMatch(/error\[FETCH_FAILED\].*disk/);
        expect(await world.pids()).toEqual(before);
        disk.free();
        await delivery.comesIn(commit);
        await world.check();
        await world.ok('daemon', 'stop', '--all');
      } finally {
        world.endProcesses();
        await disk.end();
        world.within = [];
        world.paths = homeLayout(world.home);
      }
      await world.ok('daemon', 'start');
    },
  },
  {
    name: 'source-of-300-mib',
    faults: [71],
    holds:
      'it comes in within a minute, the controller stays small and answers; the next commit costs what it changes',
    needs: ['flock'],
    async run(world) {
      const shop = new GitShop(world);
      shop.declare(sleeper(world));
      for (let n = 0; n < 300; n++) world.writeBytes(join('work', `${n}.bin`), randomBytes(1024 * 1024));
      shop.push('300 MiB');
      await shop.source({ keep: 1 });
      const pid = world.pidOf('controller') ?? 0;
      const before = peakMib(pid);
      const slowest = { ms: 0 };
      const first = await timed(async () => {
        const syncing = world.ends([0], ['source', 'sync', 'shop'], { limitMs: 120_000 });
        const asking = { is: true };
        const asks = (async () => {
          while (asking.is) slowest.ms = Math.max(slowest.ms, await timed(() => world.ok('get')));
        })();
        await syncing;
        asking.is = false;
        await asks;
      });
      expect(first).toBeLessThan(60_000);
      expect(slowest.ms).toBeLessThan(5_000);
      expect(peakMib(pid) - before).toBeLessThan(64);
      shop.file('docs.md', 'words');
      shop.push('docs');
      const next = await timed(() => shop.sync());
      expect(next).toBeLessThan(first);
      world.notes.push(
        `first ${first} ms, next ${next} ms, get ${slowest.ms} ms at most, controller ${Math.round(before)} to ${Math.round(peakMib(pid))} MiB`,
      );
    },
  },
  {
    name: 'source-of-500-signed-commits',
    faults: [72],
    holds: 'each of them is checked, and one without a signature among them is found',
    needs: ['flock'],
    async run(world) {
      using keys = new Keys();
      const shop = new GitShop(world);
      const signedBy = {
        settings: ['-c', 'gpg.format=ssh', '-c', `user.signingkey=${keys.ssh('alice')}`],
      };
      world.write('allowed', `alice ${keys.publicKey('alice')}\n`);
      shop.declare(sleeper(world));
      shop.push('first', { signedBy });
      await shop.source({ verify: { signers: './allowed', mode: 'all' } });
      await world.ok('source', 'sync', 'shop');
      for (let n = 0; n < 500; n++) shop.commit(`commit ${n}`, { signedBy });
      const commit = shop.push('last', { signedBy });
      const ms = await timed(() => world.ok('source', 'sync', 'shop'));
      const status = await shop.status();
      expect(status.lastGood?.version).toBe(commit);
      expect(status.conditions.find(({ type }) => type === 'Verified')?.message).toContain('501 signatures');
      for (let n = 0; n < 50; n++) shop.commit(`commit ${n}`, n === 20 ? {} : { signedBy });
      shop.push('above', { signedBy });
      expect((await world.ends([6], ['source', 'sync', 'shop'])).stderr).toContain('error[NOT_SIGNED]');
      world.notes.push(`501 signatures in ${ms} ms`);
    },
  },
];

function sleeper(world: World) {
  return {
    name: 'api',
    script: 'sleep 1000',
    shell: true,
    min_uptime: 50,
    env: { CHAOS_WORLD: world.folder },
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return Math.round(performance.now() - began);
}

/** The most memory that a process has had. */
function peakMib(pid: number): number {
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kib) / 1024;
}
