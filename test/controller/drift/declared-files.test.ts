import { appendFile, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ApplyRequest } from '../../../src/api/contract/wire/apply.ts';
import type { LoadOptions } from '../../../src/config/load-options.ts';
import { acceptFact } from '../../../src/controller/apply/accept-fact.ts';
import { atOnce } from '../../../src/lib/turns/pieces.ts';
import type { HostSnapshot } from '../../../src/controller/apply/host-snapshot.ts';
import { DeclaredFiles } from '../../../src/controller/drift/declared-files.ts';
import { driftOf } from '../../../src/plan/explain/drift/drift-of.ts';
import type { AppHealth } from '../../../src/plan/model/health.ts';
import { StatusTable } from '../../../src/reconcile/status-table.ts';
import { desiredApps } from '../../../src/state/desired/desired.ts';
import { reduce, type Projects } from '../../../src/state/desired/reducer.ts';
import type { ProjectSource } from '../../../src/spec/types.ts';
import { projectFolder } from '../../config/support/project-folder.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** A folder with a declaration, the records that an apply of it makes, and what is found to have drifted. */
async function host(given: Readonly<Record<string, string>>) {
  const folder = await projectFolder(given);
  const clock = new FakeClock();
  const events: string[] = [];
  const status = new StatusTable((error) => {
    throw error;
  });
  let records: Projects = new Map();
  const files = new DeclaredFiles({
    ...{ status, clock },
    store: {
      projects: () => [...records.values()],
      appendEvent: (event) => {
        events.push(`${event.key ?? '-'} ${event.reason}`);
        return { ...event, seq: events.length };
      },
    },
  });
  const publish = (): void => {
    for (const { key } of desiredApps(records)) {
      const health: AppHealth = {
        ...{
          key,
          desiredInstances: 1,
          readyInstances: 1,
          sync: 'Synced' as const,
          health: 'Healthy' as const,
        },
        ...{ converged: true, conditions: [] },
      };
      status.publish(key, { health, holds: [], generation: 1, now: clock.now() });
    }
  };
  return {
    ...{ folder, clock, events },
    get records() {
      return records;
    },
    async apply(
      request: Partial<ApplyRequest> = {},
      options: Partial<LoadOptions> = {},
      origin?: ProjectSource['origin'],
    ): Promise<void> {
      const loaded = await folder.load(options);
      if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
      const { projects, readFrom } = loaded.value;
      const whole: ApplyRequest = {
        ...{ projects, prune: true, only: null, allowWipe: false, basis: null, by: 'ann', command: 'apply' },
        ...{ readFrom, ...request },
      };
      const snapshot = { records, now: clock.now(), instances: [], histories: [] } as unknown as HostSnapshot;
      for (const spec of projects) {
        const source = origin === undefined ? spec.source : { ...spec.source, origin };
        records = reduce(records, atOnce(acceptFact({ ...spec, source }, whole, snapshot)));
      }
      publish();
    },
    /** `app kind` of each. */
    async drift(): Promise<readonly string[]> {
      clock.advance(60_000);
      await files.look();
      return desiredApps(records)
        .flatMap((app) => {
          const { health, conditionSince: since } = status.get(app.key) ?? {};
          return driftOf({ app, conditions: health?.conditions ?? [], since: since ?? {} });
        })
        .map(({ app, kind, reason, message, hint }) => {
          expect(hint).toMatch(/^stateward plan|^put it back/);
          expect(message).not.toBe('');
          return `${app} ${kind} ${reason}`;
        });
    },
  };
}

const BASE = 'project: shop\napps:\n';
const API = '  - name: api\n    script: ./api.js\n';
const WITH_ENV = `${BASE}${API}    env_file: .env\n    env: { OWN: from the file }\n`;

let here: Awaited<ReturnType<typeof host>>;
afterEach(() => here.folder[Symbol.asyncDispose]());

describe('an ecosystem file', () => {
  beforeEach(async () => {
    here = await host({ 'ecosystem.yaml': BASE + API });
    await here.apply();
  });

  test('that was edited since is drift of each app of it, told once, and none any more when it is applied', async () => {
    expect(await here.drift()).toEqual([]);
    await here.folder.write({ 'ecosystem.yaml': `${BASE}${API}    instances: 2\n` });
    const found = ['api declaration DeclarationChanged'];
    expect([await here.drift(), await here.drift()]).toEqual([found, found]);
    expect(here.events).toEqual(['- DeclarationChanged']);
    await here.apply();
    expect(await here.drift()).toEqual([]);
    expect(here.events).toEqual(['- DeclarationChanged', '- DriftEnded']);
  });

  test('that was put back as it was is none', async () => {
    await here.folder.write({ 'ecosystem.yaml': BASE });
    expect(await here.drift()).toHaveLength(1);
    await here.folder.write({ 'ecosystem.yaml': BASE + API });
    expect(await here.drift()).toEqual([]);
  });

  test('that says the same in other words is none once it was applied, though no revision was made of it', async () => {
    await here.folder.write({ 'ecosystem.yaml': `# ours\n${BASE}${API}` });
    expect(await here.drift()).toHaveLength(1);
    await here.apply();
    expect(here.records.get('shop')?.revision).toBe(1);
    expect(await here.drift()).toEqual([]);
  });

  test('that is gone, with its folder or alone, is told as such', async () => {
    await rm(join(here.folder.path, 'ecosystem.yaml'));
    expect(await here.drift()).toEqual(['api declaration DeclarationGone']);
    await rm(here.folder.path, { recursive: true });
    expect(await here.drift()).toEqual(['api declaration DeclarationGone']);
    expect(here.events).toEqual(['- DeclarationGone']);
  });

  test('is still another one where only some of its apps were applied', async () => {
    await here.folder.write({
      'ecosystem.yaml': `${BASE}${API}    instances: 2\n  - name: web\n    script: ./api.js\n`,
    });
    await here.apply({ only: ['api'] });
    expect(await here.drift()).toEqual(['api declaration DeclarationChanged']);
  });

  test('is looked at by its source, where one declares it', async () => {
    await here.apply({}, {}, { source: 'shop', commit: 'a'.repeat(40) });
    await here.folder.write({ 'ecosystem.yaml': BASE });
    expect(await here.drift()).toEqual([]);
  });

  test('is not known of a declaration that an older command has sent, or of what was declared before again', async () => {
    await here.folder.write({ 'ecosystem.yaml': `${BASE}${API}    instances: 2\n` });
    await here.apply({ keepOrigin: true });
    expect(await here.drift()).toHaveLength(1);
    await here.apply({ readFrom: undefined });
    expect(await here.drift()).toEqual([]);
  });
});

test('files that were merged over it, and that an app of it extends, belong to it; others of the folder do not', async () => {
  const extended = { 'base.yml': `apps:\n${API}`, 'compose.yml': 'services: {}\n' };
  here = await host({
    ...extended,
    'ecosystem.yaml': `${BASE}  - name: web\n    extends: { file: base.yml, app: api }\n`,
    'over.yaml': 'apps:\n  - name: web\n    instances: 2\n',
  });
  await here.apply({}, { files: ['ecosystem.yaml', 'over.yaml'], merge: true });
  const declared = here.records.get('shop')?.readFrom?.declared ?? {};
  expect(Object.keys(declared).map((path) => basename(path))).toEqual(
    expect.arrayContaining(['ecosystem.yaml', 'over.yaml', 'base.yml']),
  );
  await here.folder.write({ 'compose.yml': 'services: { a: 1 }\n' });
  expect(await here.drift()).toEqual([]);
  for (const name of ['over.yaml', 'base.yml']) {
    await appendFile(join(here.folder.path, name), '# edited\n');
    expect([name, await here.drift()]).toEqual([name, ['web declaration DeclarationChanged']]);
    await here.apply({}, { files: ['ecosystem.yaml', 'over.yaml'], merge: true });
    expect([name, await here.drift()]).toEqual([name, []]);
  }
});

describe('an env file', () => {
  beforeEach(async () => {
    here = await host({ 'ecosystem.yaml': WITH_ENV, '.env': 'A=1\nOWN=below\n' });
    await here.apply();
  });

  test.each([
    ['a new variable', 'A=1\nOWN=below\nB=2\n'],
    ['another value', 'A=2\nOWN=below\n'],
    ['one less', 'OWN=below\n'],
  ])('with %s is drift of the apps that have it', async (_, text) => {
    await here.folder.write({ '.env': text });
    expect(await here.drift()).toEqual(['api env-file EnvFileChanged']);
    await here.apply();
    expect(await here.drift()).toEqual([]);
    expect(here.events).toEqual(['shop/api EnvFileChanged', 'shop/api DriftEnded']);
  });

  test('that says the same in other words is none', async () => {
    await here.folder.write({ '.env': '# ours\nOWN="below"\n\nA=1\n' });
    expect(await here.drift()).toEqual([]);
  });

  test('that is gone is drift', async () => {
    await rm(join(here.folder.path, '.env'));
    expect(await here.drift()).toEqual(['api env-file EnvFileChanged']);
  });
});

test('what was just applied has not drifted, and what was healed leaves nothing, whatever is declared', async () => {
  const name = fc.stringMatching(/^[a-z][a-z0-9]{0,6}$/);
  const variables = fc.dictionary(
    fc.stringMatching(/^[A-Z_]{1,6}$/),
    fc.string({ maxLength: 8 }).map((text) => text.replaceAll(/[^ -~]|['"`\\#$]/g, '')),
    { maxKeys: 4 },
  );
  const app = fc.record({ name, instances: fc.integer({ min: 1, max: 4 }), env: variables, file: variables });
  const declared = fc.uniqueArray(app, { minLength: 1, maxLength: 4, selector: (one) => one.name });
  const written = (apps: readonly { name: string; instances: number; env: object; file: object }[]) => ({
    'ecosystem.json': JSON.stringify({
      project: 'shop',
      apps: apps.map(({ name: of, instances, env }) => ({
        ...{ name: of, script: './api.js', instances, env, env_file: `${of}.env` },
      })),
    }),
    ...Object.fromEntries(
      apps.map(({ name: of, file }) => [
        `${of}.env`,
        Object.entries(file)
          .map(([key, value]) => `${key}='${String(value)}'\n`)
          .join(''),
      ]),
    ),
  });
  here = await host({});
  const files = ['ecosystem.json'];
  await fc.assert(
    fc.asyncProperty(declared, declared, async (first, second) => {
      await here.folder.write(written(first));
      await here.apply({}, { files });
      expect(await here.drift()).toEqual([]);
      await here.folder.write(written(second));
      await here.drift();
      await here.apply({}, { files });
      expect(await here.drift()).toEqual([]);
    }),
    { numRuns: 40 },
  );
});
