import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import type { SourceInfo } from '../../../src/api/contract/wire/sources/sources.ts';
import { eventually } from '../../support/eventually.ts';
import { Host, type Ran, type RunOptions } from '../../support/host.ts';
import { GitShop } from './support/git-shop.ts';

/** Ready once it serves: a version that crashes instead is never ready, however late it is. */
const SERVER = `require('http').createServer((_, r) => r.end('x')).listen(0, () => process.send('ready'));`;
type Status = SourceInfo['status'];

/** A host with a name, which applies what the other one has succeeded with. */
class NamedHost extends Host {
  readonly #name: string;

  constructor(name: string) {
    super();
    this.#name = name;
  }

  override run(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return super.run(args, { ...options, env: { ...options.env, STATEWARD_HOST: this.#name } });
  }

  async follow(git: string, waitFor: Record<string, unknown>): Promise<void> {
    const source = { name: 'shop', git, poll: '1s', wait_for: waitFor };
    this.write('sources.yaml', stringify({ sources: [source] }));
    await this.ok('source', 'apply');
  }

  becomes(holds: (status: Status) => boolean): Promise<Status> {
    return eventually(async () => {
      const ran = await this.run(['source', 'describe', 'shop', '-o', 'json']);
      if (ran.code !== 0) return undefined;
      const { status } = JSON.parse(ran.stdout) as SourceInfo;
      return holds(status) ? status : undefined;
    });
  }

  awaited(reason: string): Promise<Status> {
    return this.becomes(({ conditions }) =>
      conditions.some((condition) => condition.type === 'Awaited' && condition.reason === reason),
    );
  }
}

it(
  'applies on one host what has succeeded on another, which tells it by a note',
  { timeout: 90_000 },
  async () => {
    await using first = new NamedHost('web-1');
    await using second = new NamedHost('web-2');
    const shop = new GitShop(first);
    shop.declare({ name: 'api', script: './api/server.js', min_uptime: 50, wait_ready: true });
    shop.file('api/server.js', SERVER);
    const good = shop.push('good');
    await second.follow(shop.bare, { host: 'web-1', timeout: '1s' });
    const late = await second.awaited('HostSilent');
    expect(late).toMatchObject({ state: 'OutOfSync', applied: null, waitsFor: { reason: 'HostSilent' } });
    expect(late.message).toContain(
      'web-1, which has said nothing for 1s: look there, or stateward source sync shop',
    );

    await first.follow(shop.bare, { host: 'web-1' });
    await first.becomes(({ lastGood }) => lastGood?.version === good);
    await second.becomes(({ lastGood }) => lastGood?.version === good);
    const pids = await second.pids();

    shop.file('api/server.js', 'process.exit(3)');
    const bad = shop.push('bad');
    const failed = await second.awaited('HostFailed');
    expect(failed.message).toContain('it has failed on web-1 (Healthy: shop/api: slot 0 exited with code 3');
    expect(await second.pids()).toEqual(pids);
    expect((await second.ok('events')).stdout).toContain('SourceHeard');

    // The server takes no notes: the host that goes first says so, and the other one waits on.
    const hook = join(shop.bare, 'hooks/update');
    mkdirSync(join(shop.bare, 'hooks'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\ncase "$1" in refs/notes/*) exit 1;; esac\n');
    chmodSync(hook, 0o755);
    shop.file('api/server.js', `${SERVER}\n// mended`);
    const mended = shop.push('mended');
    const untold = await first.becomes(({ conditions }) => conditions.some(({ type }) => type === 'Told'));
    expect(untold).toMatchObject({ state: 'Failed', lastGood: { version: mended } });
    expect(untold.message).toContain('cannot push refs/notes/stateward/shop');
    expect((await first.ok('source', 'describe', 'shop')).stdout).toContain('the right to push');
    const waiting = await second.awaited('HostSilent');
    expect(waiting.applied?.version).toBe(good);
    expect(waiting.quarantined).toEqual([]);
    expect(bad).not.toBe(waiting.head?.version);
    // A person does not wait, and what was mended is told by itself.
    await second.ok('source', 'sync', 'shop');
    await second.becomes(({ lastGood }) => lastGood?.version === mended);
    rmSync(hook);
    await first.ok('source', 'sync', 'shop');
    await first.becomes(({ state }) => state === 'Synced');
    expect(shop.gitThere('notes', '--ref=stateward/shop', 'show', mended)).toContain(
      '"host":"web-1","result":"good"',
    );
  },
);
