import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApplyResponse } from '../../../src/api/contract/wire/apply.ts';
import type { FeedItem } from '../../../src/api/contract/wire/dash/feed.ts';
import type { PlanDocument } from '../../../src/api/contract/wire/plan.ts';
import { parseEvents, splitLines, type IncomingEvent } from '../../../src/api/contract/lines.ts';
import { Host } from '../../support/host.ts';
import { requestOver, streamOver } from './support/over-socket.ts';

let host: Host;
const WEB = { name: 'web', script: './web.js', min_uptime: 0, env: { LEVEL: 'info' } };

beforeAll(async () => {
  host = new Host();
  host.write('web.js', "console.log('started', process.env.LEVEL); setInterval(() => {}, 1e6);");
  host.declare(WEB);
  await host.ok('apply');
});
afterAll(() => host[Symbol.asyncDispose]());

const socket = (): string => join(host.home, 'run/api.sock');
const planned = async (path: string): Promise<PlanDocument> =>
  (await requestOver<PlanDocument>(socket(), 'GET', path)).body;

describe('what a project declares now', () => {
  test('is planned from its file, applied as it was shown, and refused as stale after that', async () => {
    const same = await planned('/v1/projects/shop/plan');
    expect(same.summary).toMatchObject({ unchanged: 1, processesTouched: 0 });
    host.declare({ ...WEB, env: { LEVEL: 'debug' } });
    const plan = await planned('/v1/projects/shop/plan');
    expect(plan.changes).toMatchObject([{ app: 'shop/web', kind: 'roll', touches: 1 }]);
    const body = { project: 'shop', basis: plan.basis, by: 'ann' };
    const applied = await requestOver<ApplyResponse>(socket(), 'POST', '/v1/declared/apply', body);
    expect(applied.status).toBe(200);
    expect(applied.body.targets).toMatchObject([{ app: 'shop/web' }]);
    // The same once more: what it was shown against is not there any more.
    const again = await requestOver(socket(), 'POST', '/v1/declared/apply', body);
    expect(again).toMatchObject({ status: 409, body: { error: { code: 'PLAN_STALE' } } });
    await host.ok('rollout', 'status', '-w');
    const history = await host.ok('history', 'shop');
    expect(history.stdout).toContain('ann');
    // It was read from the file that lies there: nothing has drifted.
    const { items } = await host.apps();
    expect(items[0]?.status.drift).toBeUndefined();
  });

  test('is an error with its place when the file is broken, and no project is one too', async () => {
    host.write('ecosystem.yaml', 'project: shop\napps: [{ nam: x }]\n');
    const broken = await requestOver(socket(), 'GET', '/v1/projects/shop/plan');
    expect(broken.status).toBe(422);
    expect(JSON.stringify(broken.body)).toContain('nam');
    host.declare({ ...WEB, env: { LEVEL: 'debug' } });
    expect(await requestOver(socket(), 'GET', '/v1/projects/none/plan')).toMatchObject({ status: 404 });
  });
});

describe('what it declared before', () => {
  test('is planned and gone back to without its secrets leaving the daemon', async () => {
    const plan = await planned('/v1/projects/shop/revisions/1/plan?app=web');
    expect(plan.changes).toMatchObject([{ kind: 'roll', fields: [{ path: 'env.LEVEL', after: 'info' }] }]);
    const body = { project: 'shop', revision: 1, app: 'web', basis: plan.basis, by: 'ann' };
    const back = await requestOver<ApplyResponse>(socket(), 'POST', '/v1/rollbacks', body);
    expect(back.status).toBe(200);
    await host.ok('rollout', 'status', '-w');
    expect(await requestOver(socket(), 'POST', '/v1/rollbacks', body)).toMatchObject({ status: 409 });
    // Of revisions that say the same none is worth going back to; whoever names none goes where the command line does.
    const { body: where } = await requestOver(socket(), 'GET', '/v1/projects/shop/going-back?app=web');
    expect(where).toEqual({
      ...{ apiVersion: 'v1', kind: 'GoingBack', project: 'shop', app: 'web' },
      ...{ from: 3, to: 2 },
    });
    expect(await requestOver(socket(), 'GET', '/v1/projects/none/going-back')).toMatchObject({ status: 404 });
    const missing = await requestOver(socket(), 'GET', '/v1/projects/shop/revisions/1/plan?app=none');
    expect(missing.status).toBe(404);
  });
});

describe('one stream of everything', () => {
  test('has usage, all apps, what has happened, and the log that is asked for; a log of nobody is said', async () => {
    const items = await feedItems(
      '/v1/feed?events=5&logs=shop%2Fweb',
      (seen) =>
        ['usage', 'apps', 'event'].every((kind) => seen.some(({ item }) => item.kind === kind)) &&
        JSON.stringify(seen).includes('started'),
    );
    const kinds = items.map(({ item }) => item.kind);
    expect(kinds[0]).toBe('usage');
    const [event] = items.filter(({ item }) => item.kind === 'event');
    expect(event?.id).toMatch(/^\d+$/);
    expect(items.find(({ item }) => item.kind === 'apps')?.id).toBe(null);
    // Who comes back with the number of the last event gets those behind it.
    const seq = Number(event?.id);
    const [next] = (
      await feedItems(`/v1/feed?after=${seq}`, (seen) => seen.some(({ item }) => item.kind === 'event'))
    ).filter(({ item }) => item.kind === 'event');
    expect(Number(next?.id)).toBe(seq + 1);
    const none = await feedItems('/v1/feed?logs=nobody', (seen) =>
      seen.some(({ item }) => item.kind === 'no-logs'),
    );
    expect(none.find(({ item }) => item.kind === 'no-logs')?.item).toMatchObject({
      failure: { code: 'SELECTOR_NOT_FOUND' },
    });
  });
});

interface Seen {
  readonly id: string | null;
  readonly item: FeedItem;
}

async function feedItems(
  path: string,
  isEnough: (seen: readonly Seen[]) => boolean,
): Promise<readonly Seen[]> {
  const seen: Seen[] = [];
  let last: string | null = null;
  await using stream = await streamOver(socket(), path);
  for await (const { id, data } of parseEvents(splitLines(stream.chunks)) as AsyncIterable<IncomingEvent>) {
    const item = JSON.parse(data) as FeedItem;
    // An id holds for the items behind it too, until another comes.
    seen.push({ id: id === last ? null : id, item });
    last = id;
    if (isEnough(seen)) break;
  }
  return seen;
}
