import { readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PlanDocument } from '../../../src/api/contract/wire/plan.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';
import { GitShop } from './support/git-shop.ts';
import { containing } from '../../sources/support/containing.ts';

const SERVER = `require('http').createServer((_, r) => r.end('x')).listen(0);`;
const app = (name: string): Record<string, unknown> => ({
  name,
  script: `./${name}/server.js`,
  min_uptime: 50,
});

/** One host for all of it: each test goes on from where the one before has ended. */
let host: Host;
let shop: GitShop;
beforeAll(async () => {
  host = new Host();
  shop = new GitShop(host);
  for (const name of ['api', 'web']) shop.file(`${name}/server.js`, SERVER);
  shop.declare(app('api'), app('web'), {
    name: 'tail',
    script: 'tail',
    args: ['-f', '/dev/null'],
    interpreter: 'none',
    min_uptime: 50,
  });
  shop.push('first');
  await shop.source();
  expect(await shop.sync()).toMatchObject({ code: 0 });
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

const reasonOfSynced = async (): Promise<string | undefined> =>
  (await shop.status()).conditions.find(({ type }) => type === 'Synced')?.reason;

describe('what people make otherwise than a source declares it', () => {
  it('is told with who did it and the way out, and a sync takes it back', { timeout: 60_000 }, async () => {
    const before = await host.pids();
    await host.ok('scale', 'api', '2', '--no-wait');
    await host.ok('delete', 'web', '--no-wait');
    const status = await shop.becomes(({ drifts = [] }) => drifts.length === 2);
    expect(status).toMatchObject({
      state: 'OutOfSync',
      drifts: [
        { app: 'api', kind: 'overridden', what: 'scaled from 1 to 2', until: null },
        { app: 'web', kind: 'deleted', what: 'deleted (delete web)' },
      ],
    });
    expect(await reasonOfSynced()).toBe('SourceDrifted');
    const why = (await host.ok('why', 'api')).stdout;
    expect(why).toContain('stateward source sync shop puts back what is declared (ScaledByOperator)');
    expect(why).toContain('shop/web: deleted (delete web) by');
    expect((await host.ok('events')).stdout).toContain('SourceDrifted');
    expect((await host.run(['source', 'diff', 'shop'])).stdout).toContain('-instances: 2');
    expect(await shop.sync()).toMatchObject({ code: 0 });
    expect(await shop.status()).toMatchObject({ state: 'Synced' });
    const after = await host.pids();
    expect([after['api'], after['tail']]).toEqual([before['api'], before['tail']]);
    expect(after['web']).toHaveLength(1);
  });

  it('is taken back by itself with self_heal, but for what ends by itself', { timeout: 60_000 }, async () => {
    await shop.source({ self_heal: true });
    expect(await shop.sync()).toMatchObject({ code: 0 });
    await host.ok('stop', 'tail', '--for', '1h');
    await shop.becomes(({ drifts = [] }) => drifts.length === 1);
    await host.ok('freeze', 'shop', '--reason', 'release', '--allow', 'delete');
    await host.ok('delete', 'web', '--no-wait');
    const frozen = await shop.becomes(({ healed }) => healed?.failure !== undefined);
    expect(frozen.message).toContain('the last try failed: cannot sync from a source: shop is frozen');
    expect(frozen.waitsFor).toMatchObject({ reason: 'HealsLater' });
    await host.ok('unfreeze', 'shop');
    // Whoever declares it anew does not wait for the next try.
    await shop.source({ self_heal: true, keep: 6 });
    expect(await shop.sync()).toMatchObject({ code: 0 });
    await host.ok('stop', 'tail', '--for', '1h');
    expect((await host.ok('delete', 'web', '--no-wait')).text).toContain('shop brings it back by itself');
    await eventually(async () => (await host.ok('events')).stdout.includes('SourceHealed'));
    const status = await shop.becomes(({ drifts = [] }) => drifts.length === 1);
    expect(status.drifts).toMatchObject([{ app: 'tail', what: 'stopped', until: containing('Z') }]);
    expect(Object.keys(await host.pids()).sort()).toEqual(['api', 'tail', 'web']);
    expect((await host.ok('why', 'tail')).stdout).toContain('until');
  });
});

describe('a plan of a source', () => {
  const plan = async (...args: readonly string[]): Promise<PlanDocument> =>
    JSON.parse((await host.run(['source', 'plan', 'shop', '-o', 'json', ...args])).stdout) as PlanDocument;

  it(
    'is of the newest version, which is looked for, and says where any change counts',
    { timeout: 60_000 },
    async () => {
      shop.file('api/server.js', `${SERVER}\n// newer`);
      const newer = shop.push('newer');
      const planned = await plan();
      expect(planned.version).toEqual({ source: 'shop', version: newer, subject: 'newer', fetched: true });
      expect(planned.changes.filter(({ kind }) => kind === 'roll').map(({ app: key }) => key)).toEqual([
        'shop/api',
      ]);
      expect(planned.projects).toMatchObject([
        { wholeTree: ['shop/tail'], notes: [containing('counts for shop/tail (code: [paths]')] },
      ]);
      // It was looked at, and not taken note of: nothing is applied.
      expect((await shop.status()).head?.version).not.toBe(newer);
      expect((await plan('--no-fetch')).version).toMatchObject({ fetched: false, subject: 'first' });
      renameSync(shop.bare, `${shop.bare}.away`);
      const offline = await host.run(['source', 'plan', 'shop']);
      expect(offline).toMatchObject({ code: 0 });
      expect(offline.stderr).toContain('cannot fetch');
      expect(offline.stderr).toContain('shown is the newest version that was seen');
      expect((await plan()).version?.problem?.code).toBe('FETCH_FAILED');
      renameSync(`${shop.bare}.away`, shop.bare);
      expect((await host.run(['source', 'diff', 'shop'])).stdout).toContain('declared/shop/api');
      expect((await host.run(['source', 'diff', 'shop', '--no-fetch'])).stdout).not.toContain('shop/api');
    },
  );
});

describe('a newer version', () => {
  it(
    'ends the build of an older one at once, with all that it has started',
    { timeout: 60_000 },
    async () => {
      const note = join(host.folder, 'pids');
      const script = `[ ! -f slow ] || { setsid sleep 600 & echo $$ $! > ${note}; wait; sleep 600; }`;
      await shop.source({ build: { command: ['sh', '-c', script], inputs: ['slow'] } });
      shop.file('slow', '');
      const slow = shop.push('builds for long');
      expect(await shop.sync('--no-wait')).toMatchObject({ code: 0 });
      const pids = await eventually(() => pidsIn(note));
      rmSync(join(shop.work, 'slow'));
      const good = shop.push('builds');
      expect(await shop.sync()).toMatchObject({ code: 0 });
      await eventually(() => pids.every((pid) => !isThere(pid)));
      const info = await shop.info();
      expect(info?.history.slice(0, 2).map(({ version, outcome }) => [version, outcome])).toEqual([
        [good, 'good'],
        [slow, 'superseded'],
      ]);
      expect(info?.status.quarantined).toEqual([]);
      // So does somebody who suspends the source: nothing is applied after that.
      rmSync(note);
      shop.file('slow', '2');
      shop.push('builds for long again');
      await shop.sync('--no-wait');
      const others = await eventually(() => pidsIn(note));
      await host.ok('source', 'suspend', 'shop');
      await eventually(() => others.every((pid) => !isThere(pid)));
      expect((await shop.status()).applied?.version).toBe(good);
    },
  );
});

/** The two that the build has noted; undefined: it has not yet. */
function pidsIn(file: string): readonly number[] | undefined {
  try {
    const pids = readFileSync(file, 'utf8').trim().split(' ').map(Number);
    return pids.length === 2 ? pids : undefined;
  } catch {
    return undefined;
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
