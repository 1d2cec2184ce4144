import { fileURLToPath } from 'node:url';
import { freePort } from '../../support/free-port.ts';
import { hostHas } from './needs.ts';
import { Prober, type Probed } from './watch/prober.ts';
import type { World } from './world.ts';

/** The path of a program of `fixtures/`. */
export function program(name: string): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

interface FleetOptions {
  /** Changed: every app that answers is rolled. */
  readonly version?: string;
  /** Of every app that answers; what needs no other process. */
  readonly settings?: object;
}

/**
 * An app of every kind: `web`, two Node processes that share a socket; `solo`, one Node process; `py`, a Python program;
 * `sh`, a shell that writes all the time. The first three answer on a port each.
 */
export class Fleet {
  readonly #world: World;
  readonly #ports: Readonly<Record<string, number>>;

  static async applied(world: World): Promise<Fleet> {
    const fleet = await Fleet.declared(world);
    await world.ok('apply');
    return fleet;
  }

  /** Written to the ecosystem file, and not applied. */
  static async declared(world: World): Promise<Fleet> {
    const names = ['web', 'solo', ...(hostHas('python3') ? ['py'] : [])];
    const ports: Record<string, number> = {};
    for (const name of names) ports[name] = await freePort();
    const fleet = new Fleet(world, ports);
    fleet.declare();
    return fleet;
  }

  /** For apps that are declared by others; `ports`: by their names. */
  constructor(world: World, ports: Readonly<Record<string, number>>) {
    this.#world = world;
    this.#ports = ports;
    world.slots.surging.add('web');
  }

  get ports(): readonly number[] {
    return Object.values(this.#ports);
  }

  port(name: string): number {
    const port = this.#ports[name];
    if (port === undefined) throw new Error(`${name} has no port`);
    return port;
  }

  declare(
    { version = '1', settings = {} }: FleetOptions = {},
    ...others: readonly Record<string, unknown>[]
  ): void {
    const readiness = (port: number) => ({ http: { port }, period: '100ms' });
    const answering = Object.entries(this.#ports).map(([name, port]) => ({
      name,
      script: program(name === 'py' ? 'server.py' : 'server.cjs'),
      env: { PORT: String(port), VERSION: version },
      readiness: readiness(port),
      ...(name === 'web' && { exec_mode: 'cluster', instances: 2 }),
      ...(name === 'py' && { interpreter: 'python3' }),
      ...settings,
    }));
    this.#world.declare(...answering, { name: 'sh', script: program('ticker.sh') }, ...others);
  }

  /** Asks every port all the time while `work` goes on: not one request may fail. */
  async serving<T>(work: () => Promise<T>): Promise<T> {
    const probers = this.ports.map((port) => new Prober(port));
    let result: T;
    let probed: readonly Probed[];
    try {
      result = await work();
    } finally {
      probed = await Promise.all(probers.map((prober) => prober.end()));
    }
    const failures = probed.flatMap((each) => each.failures);
    const requests = probed.reduce((sum, each) => sum + each.requests, 0);
    if (failures.length > 0) {
      throw new Error(
        `${failures.length} of ${requests} requests failed: ${failures.slice(0, 5).join(', ')}`,
      );
    }
    this.#world.notes.push(`${requests} requests, 0 failed`);
    return result;
  }
}
