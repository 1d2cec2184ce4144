import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { FAILPOINTS, type FailpointName } from '../../../src/lib/failpoints/names.ts';
import { groupBy } from '../../../src/lib/collections.ts';
import { freePort } from '../../support/free-port.ts';
import { program } from '../harness/fleet.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';
import type { SourceStep } from './sources.ts';

/** What makes a process pass a failpoint. */
type Way =
  'edit' | 'settings' | 'runner' | 'controller' | 'stubborn' | 'reload' | 'rotation' | 'events' | 'upgrade';

/**
 * Those of sources and their releases have rows of their own (./sources.ts). Those of notifications need a receiver:
 * test/controller/notify has one.
 */
type Step = Exclude<FailpointName, SourceStep | `notify.${string}`>;

/** Every failpoint has a way to it, and the row fails when its fault does not happen on it. */
const WAYS: Readonly<Record<Step, Way>> = {
  'runner.locked': 'runner',
  'ledger.append': 'edit',
  'ledger.appended': 'edit',
  'ledger.synced': 'edit',
  'ledger.compact': 'runner',
  'ledger.compact.written': 'runner',
  'ledger.compact.synced': 'runner',
  'ledger.compact.renamed': 'runner',
  'ledger.compact.done': 'runner',
  'start.intent': 'edit',
  'start.intended': 'edit',
  'start.spawned': 'edit',
  'start.recorded': 'edit',
  'stop.asked': 'edit',
  'stop.killed': 'stubborn',
  'reload.intended': 'reload',
  'reload.sent': 'reload',
  'reload.done': 'reload',
  'exit.seen': 'edit',
  'exit.recorded': 'edit',
  'exit.forget': 'edit',
  'exit.forgotten': 'edit',
  'adopt.read': 'runner',
  'adopt.done': 'runner',
  'handover.greeted': 'runner',
  'handover.socket': 'runner',
  'handover.done': 'runner',
  'upgrade.loaded': 'upgrade',
  'upgrade.prepared': 'upgrade',
  'upgrade.frozen': 'upgrade',
  'upgrade.found': 'upgrade',
  'upgrade.restored': 'upgrade',
  'upgrade.released': 'upgrade',
  'upgrade.begun': 'upgrade',
  'upgrade.served': 'upgrade',
  'log.write': 'rotation',
  'log.rotate': 'rotation',
  'log.rotated': 'rotation',
  'log.compressed': 'rotation',
  'log.times': 'rotation',
  'controller.locked': 'controller',
  'state.write': 'edit',
  'state.written': 'edit',
  'state.synced': 'edit',
  'state.kept': 'edit',
  'state.renamed': 'edit',
  'state.saved': 'edit',
  'revision.written': 'edit',
  'state.committed': 'edit',
  'audit.append': 'edit',
  'audit.appended': 'edit',
  'event.append': 'edit',
  'event.appended': 'edit',
  'event.rotated': 'events',
  'history.flush': 'edit',
  'history.flushed': 'edit',
  'action.start': 'edit',
  'action.started': 'edit',
  'action.stop': 'edit',
  'action.stopped': 'edit',
  'action.adopt': 'settings',
  'action.adopted': 'settings',
  'action.forget': 'edit',
  'action.forgotten': 'edit',
};

/** Faults of each row, in the numbers of the fault list. */
const FAULTS: Readonly<Record<string, readonly number[]>> = {
  runner: [3],
  ledger: [3, 16],
  start: [3],
  stop: [3, 8],
  reload: [3, 66],
  exit: [3],
  adopt: [3, 4],
  handover: [3],
  upgrade: [63],
  log: [5],
  controller: [1],
  state: [2, 16],
  revision: [2],
  event: [2],
  history: [2],
  action: [2],
};

const KILLED = 137;

/** An app that shares a socket and one that does not, of a version that goes up with each edit. */
class Pair {
  readonly #world: World;
  readonly #port: number;
  #version = 1;
  #limit = 200;

  static async applied(world: World): Promise<Pair> {
    const pair = new Pair(world, await freePort());
    pair.#declare();
    await world.ok('apply');
    return pair;
  }

  private constructor(world: World, port: number) {
    this.#world = world;
    this.#port = port;
    world.slots.surging.add('web');
  }

  /** Passes the failpoint once more, and comes back when all is as declared. */
  async pass(way: Way): Promise<void> {
    await this.#ways[way]();
    await until(() => this.#world.fired, 'the fault has happened');
    await this.#world.ok('daemon', 'start');
    await this.#world.settled();
    const answer = await fetch(`http://127.0.0.1:${this.#port}/`, { headers: { connection: 'close' } });
    expect((await answer.text()).split(' ')[0]).toBe(String(this.#version));
    expect((await this.#world.ok('apply')).text).toMatch(/\b0 processes touched/);
  }

  readonly #ways: Readonly<Record<Way, () => Promise<void>>> = {
    edit: async () => {
      this.#version += 1;
      await this.#apply();
    },
    settings: async () => {
      this.#limit += 1;
      await this.#apply();
    },
    runner: async () => {
      await this.#world.kill('runner');
    },
    controller: async () => {
      await this.#world.kill('controller');
    },
    stubborn: async () => {
      await this.#apply({
        name: 'stubborn',
        script: program('server.cjs'),
        env: { PORT: '0', MODE: 'stubborn' },
        kill_timeout: 100,
      });
      await this.#world.ends([0], ['restart', 'stubborn']);
    },
    reload: async () => {
      const runs = join(this.#world.folder, 'runs');
      const before = existsSync(runs) ? readFileSync(runs, 'utf8').length : 0;
      const command = ['sh', '-c', `echo . >> ${runs}`];
      await this.#apply({ name: 'conf', script: 'sleep 1000', reload: { command } });
      await this.#world.ends([0], ['reload', 'conf']);
      expect(readFileSync(runs, 'utf8')).toHaveLength(before + 2);
    },
    rotation: async () => {
      const rotate = { log_rotate: { size: '20K', keep: 2, compress: true } };
      await this.#apply({ name: 'talker', script: program('talker.sh'), ...rotate });
    },
    upgrade: async () => {
      // Whichever of the two runners is killed: the command says whether the new one took over.
      const ran = await this.#world.run(['daemon', 'upgrade', '--force']);
      expect([0, 1, 69], ran.text).toContain(ran.code);
    },
    events: async () => {
      await this.#world.ok('daemon', 'stop');
      fillEvents(join(this.#world.paths.state, 'events.ndjson'));
      await this.#world.ok('daemon', 'start');
      await this.#world.run(['restart', 'solo']);
    },
  };

  /** `apply` waits, whatever is killed meanwhile: what it says at the end is true. */
  async #apply(...others: readonly Record<string, unknown>[]): Promise<void> {
    this.#declare(...others);
    const ran = await this.#world.run(['apply']);
    if (ran.code === 0) return;
    // Refused or cut off: the same command once more must then do it.
    expect(ran.code, ran.text).not.toBe(KILLED);
    await this.#world.ends([0], ['apply']);
  }

  #declare(...others: readonly Record<string, unknown>[]): void {
    const script = program('server.cjs');
    const max_memory_restart = `${this.#limit}M`;
    const env = { PORT: String(this.#port), VERSION: String(this.#version) };
    this.#world.declare(
      { name: 'web', script, env, exec_mode: 'cluster', instances: 2, max_memory_restart },
      { name: 'solo', script, env: { ...env, PORT: '0' }, max_memory_restart },
      ...others,
    );
  }
}

/** Makes the event log so long that one of the next events begins a new file. */
function fillEvents(path: string): void {
  const last = readFileSync(path, 'utf8').trimEnd().split('\n').at(-1) ?? '';
  let { seq } = JSON.parse(last) as { seq: number };
  const lines: string[] = [];
  for (let size = 0; size < 4 * 1024 * 1024 - 1_000;) {
    seq += 1;
    const line = last.replace(/"seq":\d+/, `"seq":${seq}`);
    lines.push(`${line}\n`);
    size += line.length + 1;
  }
  appendFileSync(path, lines.join(''));
}

const names = Object.keys(WAYS) as Step[];

/** A row for each kind of step: at each of them the process is killed once. */
export const failpoints: readonly Row[] = [...groupBy(names, (name) => name.split('.')[0] ?? '')].map(
  ([kind, steps]) => ({
    name: `killed-at-${kind}`,
    faults: FAULTS[kind] ?? [],
    holds: `killed at ${steps.map((step) => step.slice(kind.length + 1)).join(', ')}: converges, and nothing is started twice`,
    async run(world) {
      const pair = await Pair.applied(world);
      for (const step of steps) {
        world.arm(`${step}:kill`);
        await pair.pass(WAYS[step]).catch((error: unknown) => {
          throw new Error(`killed at ${step} (${FAILPOINTS[step].at}): ${String(error)}`);
        });
        await world.check();
      }
      world.notes.push(`${steps.length} steps`);
    },
  }),
);
