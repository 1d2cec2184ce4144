import { describe, expect, it } from 'vitest';
import type { SourcesContext } from '../../../src/controller/sources/context.ts';
import { DriftWatch } from '../../../src/controller/sources/drift/drift-watch.ts';
import type { Applied, SourceRecord } from '../../../src/sources/model/record.ts';
import type { SourceSpec } from '../../../src/sources/model/source.ts';
import { completeProject } from '../../../src/spec/defaults.ts';
import type { ProjectSpec } from '../../../src/spec/types.ts';
import type { ProjectRecord } from '../../../src/state/model/types.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { recordOf, version } from '../../sources/support.ts';

const APPLIED: Applied = { id: 'a', at: 0, revisions: { shop: 1 }, outcome: 'good' };
const DECLARED = completeProject({
  project: 'shop',
  source: { files: ['/srv/ecosystem.yaml'], env: null, origin: { source: 'local' } },
  apps: [{ name: 'api', instances: 2 }] as unknown as ProjectSpec['apps'],
});

/** A project of which each revision is what was declared, with another number of instances. */
class Bench {
  readonly clock = new FakeClock();
  readonly events: string[] = [];
  readonly shown = new Map<string, string | null>();
  readonly watch: DriftWatch;
  #revision = 1;

  constructor() {
    const context = {
      clock: this.clock,
      store: {
        project: () => this.#live,
        revision: (_: string, revision: number) =>
          Promise.resolve({
            ok: true,
            value: { by: 'max', at: this.clock.now(), command: 'apply', spec: spec(revision) },
          }),
        appendEvent: ({ message }: { message: string }) => void this.events.push(message),
      },
      showCondition: (key: string, _: string, condition: { message: string } | null) =>
        void this.shown.set(key, condition?.message ?? null),
    };
    this.watch = new DriftWatch(context as unknown as SourcesContext);
    this.#live = live(1);
  }

  #live: ProjectRecord;

  applies(): void {
    this.#live = live((this.#revision += 1));
  }
}

function spec(revision: number): ProjectSpec {
  return { ...DECLARED, apps: DECLARED.apps.map((app) => ({ ...app, instances: revision + 1 })) };
}

function live(revision: number): ProjectRecord {
  const apps = spec(revision).apps.map((app) => [app.name, { spec: app, override: null }] as const);
  return { ...DECLARED, revision, apps: Object.fromEntries(apps) } as unknown as ProjectRecord;
}

function record(more: Partial<SourceRecord> = {}, declared: Partial<SourceSpec> = {}): SourceRecord {
  return recordOf({ head: version('a'), applied: APPLIED, ...more }, declared);
}

describe('what is watched of a source', () => {
  it('is told once, shown at its apps with the way out, and no more when it is over', async () => {
    const bench = new Bench();
    const quiet = record({}, { pollMs: null });
    expect(await bench.watch.look(quiet, false)).toBe(false);
    bench.applies();
    expect(await bench.watch.look(quiet, false)).toBe(true);
    expect(await bench.watch.look(quiet, false)).toBe(false);
    expect(bench.events).toEqual(['source local: shop/api: declared otherwise (apply) by max']);
    expect(bench.shown.get('shop/api')).toMatch(
      /declares it otherwise; stateward source sync local takes it back$/,
    );
    await bench.watch.look(record({ applied: { ...APPLIED, revisions: { shop: 2 } } }), false);
    expect([bench.watch.found, bench.shown.get('shop/api')]).toEqual([[], null]);
  });

  it('waits for what a followed file says by now, which somebody may have applied by hand', async () => {
    const bench = new Bench();
    await bench.watch.look(record(), false);
    bench.applies();
    expect(await bench.watch.look(record(), false)).toBe(true);
    await bench.watch.look(record(), true);
    await bench.watch.look(record({ head: version('b') }), false);
    expect(bench.events).toEqual([]);
    await bench.watch.look(record(), false);
    expect(bench.events).toHaveLength(1);
  });

  it('is not told again by a controller that starts', async () => {
    const before = new Bench();
    before.applies();
    before.clock.jump(60_000);
    const quiet = record({}, { pollMs: null });
    const later = new Bench();
    later.applies();
    later.clock.jump(-60_000);
    for (const bench of [before, later]) await bench.watch.look(quiet, false);
    expect([before.events.length, later.events.length]).toEqual([1, 0]);
    expect(later.watch.found).toHaveLength(1);
  });
});
