import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { appendFileSync, chmodSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SourceInfo } from '../../../src/api/contract/wire/sources/sources.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

/** Ready once it serves: a version that crashes instead is never ready, however late it is. */
const SERVER = `require('http').createServer((_, r) => r.end('VERSION')).listen(0, () => process.send('ready'));`;
const APP = (name: string, more = ''): string =>
  `  - { name: ${name}, script: ./${name}/server.js, min_uptime: 50, wait_ready: true, listen_timeout: 60s${more} }`;

/** A host with a bare repository beside it, and a clone in which a person works. */
class GitHost extends Host {
  readonly work = join(this.folder, 'work');
  readonly bare = join(this.folder, 'shop.git');

  constructor() {
    super();
    this.git(this.folder, 'init', '-q', '--bare', '-b', 'main', this.bare);
    this.git(this.folder, 'clone', '-q', this.bare, this.work);
    this.git(this.work, 'checkout', '-q', '-b', 'main');
    for (const name of ['api', 'web']) this.file(`${name}/server.js`, SERVER);
    this.shop(APP('api'), APP('web'));
    this.push('first version');
  }

  git(cwd: string, ...args: readonly string[]): string {
    const who = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.org'];
    return execFileSync('git', [...who, ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  }

  file(path: string, text: string): void {
    this.write(`work/${path}`, text);
  }

  shop(...apps: readonly string[]): void {
    this.file('ecosystem.yaml', ['project: shop', 'apps:', ...apps, ''].join('\n'));
  }

  /** Commits everything, and pushes it; gives the commit. */
  push(message: string, ...args: readonly string[]): string {
    this.git(this.work, 'add', '-A');
    this.git(this.work, 'commit', '-q', '--allow-empty', '-m', message);
    this.git(this.work, 'push', '-q', ...args, 'origin', 'main');
    return this.git(this.work, 'rev-parse', 'HEAD');
  }

  /** Declares the source; nothing is fetched unless `sync` asks. */
  async source(more: Readonly<Record<string, string>> = {}): Promise<void> {
    const keys = { git: this.bare, poll: 'false', ...more };
    const lines = Object.entries(keys).map(([key, value]) => `    ${key}: ${value}`);
    this.write('sources.yaml', ['sources:', '  - name: shop', ...lines, ''].join('\n'));
    await this.ok('source', 'apply');
  }

  async info(): Promise<SourceInfo> {
    return JSON.parse((await this.ok('source', 'describe', 'shop', '-o', 'json')).stdout) as SourceInfo;
  }

  async states(): Promise<Record<string, string>> {
    const { conditions } = (await this.info()).status;
    return Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
  }
}

describe('a repository as a source', () => {
  it(
    'touches what a commit changes and nothing else, and what is bad not at all',
    { timeout: 60_000 },
    async () => {
      await using host = new GitHost();
      await host.source();
      expect(await host.run(['source', 'sync', 'shop'])).toMatchObject({ code: 0 });
      expect(await host.states()).toEqual({
        Fetched: 'True',
        Built: 'True',
        Valid: 'True',
        Synced: 'True',
        Healthy: 'True',
      });
      const first = await host.pids();

      const release = join(host.home, 'releases', 'shop', (await host.info()).status.applied?.version ?? '');
      const edited = join(release, 'web/server.js');
      const was = readFileSync(edited);
      chmodSync(edited, 0o644);
      appendFileSync(edited, '// by hand');
      await host.ok('source', 'sync', 'shop');
      const conditions = (await host.info()).status.conditions.filter(({ type }) => type === 'Unedited');
      expect(conditions).toMatchObject([
        { status: 'False', message: expect.stringContaining('web/server.js') as string },
      ]);
      expect((await host.ok('why', 'web')).stdout).toContain('edited by hand');
      expect((await host.ok('source', 'list')).stdout).toContain('OutOfSync');
      expect((await host.ok('events')).stdout).toContain('ReleaseEdited');
      writeFileSync(edited, was);
      await host.ok('source', 'sync', 'shop');
      expect((await host.info()).status.state).toBe('Synced');

      host.file('docs/a.md', 'words');
      const docs = host.push('docs');
      await host.ok('source', 'sync', 'shop');
      expect(await host.pids()).toEqual(first);
      expect((await host.info()).status.lastGood?.version).toBe(docs);

      host.file('api/server.js', `${SERVER}\n// newer`);
      const api = host.push('api');
      await host.ok('source', 'sync', 'shop');
      const second = await host.pids();
      expect(second['web']).toEqual(first['web']);
      expect(second['api']).not.toEqual(first['api']);
      const shown = (await host.apps()).items.map(({ name, source }) => [name, source?.commit]);
      expect(shown).toEqual([
        ['api', api],
        ['web', expect.not.stringMatching(api)],
      ]);

      host.shop(APP('api', ', max_memory_restart: 300M'), APP('web'));
      host.push('a field that needs no process');
      await host.ok('source', 'sync', 'shop');
      expect(await host.pids()).toEqual(second);
      expect((await host.apps()).items[0]?.spec?.max_memory_restart).toBe(300 * 1024 ** 2);
      // What is shown as declared is what runs: another plan of the same commit is empty.
      expect((await host.run(['source', 'plan', 'shop', '--detailed-exitcode'])).code).toBe(0);

      host.shop(APP('api', ', max_memory: 3'), APP('web'));
      const bad = host.push('a key that is none');
      const refused = await host.run(['source', 'sync', 'shop']);
      expect(refused.code).toBe(65);
      expect(refused.stderr).toContain('ecosystem.yaml:3:');
      expect(await host.pids()).toEqual(second);
      const { status } = await host.info();
      expect(status).toMatchObject({
        state: 'Failed',
        head: { version: bad, subject: 'a key that is none' },
        quarantined: [{ version: bad, stage: 'Valid', reason: 'CONFIG_UNKNOWN_KEY' }],
      });
      expect(status.applied?.version).not.toBe(bad);
      const why = (await host.ok('why', 'web')).stdout;
      expect(why).toContain('source: shop, commit');
      expect(why).toContain('Valid: ecosystem.yaml:3');

      host.shop(APP('api'), APP('web'));
      host.file('web/server.js', 'process.exit(3)');
      host.push('crashes');
      const crashed = await host.run(['source', 'sync', 'shop']);
      expect(crashed.code).toBe(3);
      expect(crashed.stderr).toContain('exited with code 3');
      expect((await host.info()).status.quarantined[0]?.stage).toBe('Healthy');
      // What is newer supersedes it, and nobody has to say so.
      host.file('web/server.js', `${SERVER}\n// mended`);
      host.push('mended');
      await host.ok('source', 'sync', 'shop');
      expect((await host.info()).status.state).toBe('Synced');
      expect((await host.pids())['api']).toEqual(second['api']);
    },
  );

  it(
    'is superseded in the middle of a stuck rollout, and survives the controller',
    { timeout: 60_000 },
    async () => {
      await using host = new GitHost();
      await host.source();
      await host.ok('source', 'sync', 'shop');
      const { web } = await host.pids();
      const isPending = async (version: string): Promise<boolean> => {
        // The controller may be gone for a moment.
        const shown = await host.run(['source', 'describe', 'shop', '-o', 'json']);
        if (shown.code !== 0) return false;
        const { applied } = (JSON.parse(shown.stdout) as SourceInfo).status;
        return applied?.version === version && applied.outcome === 'pending';
      };
      host.shop(APP('api', ', readiness: { tcp: { port: 1 } }'), APP('web'));
      host.file('api/server.js', `${SERVER}\n// newer`);
      const stuck = host.push('never ready');
      await host.ok('source', 'sync', 'shop', '--no-wait');
      await eventually(() => isPending(stuck));
      const { controller } = await host.daemon();
      process.kill(controller?.pid ?? 0, 'SIGKILL');
      await eventually(() => isPending(stuck));
      host.shop(APP('api'), APP('web'));
      const good = host.push('ready');
      expect(await host.run(['source', 'sync', 'shop', '--timeout', '30s'])).toMatchObject({ code: 0 });
      expect((await host.info()).status.lastGood?.version).toBe(good);
      expect((await host.pids())['web']).toEqual(web);
      const outcomes = (await host.info()).history.map(({ version, outcome }) => [version, outcome]);
      expect(outcomes.slice(0, 2)).toEqual([
        [good, 'good'],
        [stuck, 'superseded'],
      ]);
    },
  );

  it(
    'starts what it had when the remote is gone, and takes no history that was rewritten',
    { timeout: 60_000 },
    async () => {
      await using host = new GitHost();
      await host.source();
      await host.ok('source', 'sync', 'shop');
      // A commit that was refused may be taken back by those who pushed it.
      host.file('ecosystem.yaml', 'apps: 7\n');
      host.push('broken');
      expect((await host.run(['source', 'sync', 'shop'])).code).toBe(65);
      host.git(host.work, 'reset', '-q', '--hard', 'HEAD~1');
      host.file('NOTES', 'mended\n');
      const mended = host.push('another one in its place', '--force');
      await host.ok('source', 'sync', 'shop');
      expect((await host.info()).status.applied?.version).toBe(mended);

      renameSync(host.bare, `${host.bare}.away`);
      const offline = await host.run(['source', 'sync', 'shop']);
      expect(offline.code).toBe(1);
      expect(offline.stderr).toContain('error[FETCH_FAILED]');
      await host.ok('daemon', 'stop', '--all');
      await host.ok('daemon', 'start');
      await eventually(async () =>
        (await host.apps()).items.every(({ status }) => status.health === 'Healthy'),
      );
      expect((await host.states())['Fetched']).toBe('False');

      renameSync(`${host.bare}.away`, host.bare);
      host.git(host.work, 'commit', '-q', '--amend', '-m', 'rewritten');
      host.push('on top of it', '--force');
      const before = await host.pids();
      const rewritten = await host.run(['source', 'sync', 'shop']);
      expect(rewritten.code).toBe(6);
      expect(rewritten.stderr).toContain('error[HISTORY_REWRITTEN]');
      expect(await host.pids()).toEqual(before);
      // Nor does it come in by another declaration of the source.
      await host.source({ keep: '9' });
      expect((await host.run(['source', 'sync', 'shop'])).stderr).toContain('error[HISTORY_REWRITTEN]');
      expect(await host.pids()).toEqual(before);
      await host.source({ allow_force_push: 'true' });
      await host.ok('source', 'sync', 'shop');
      expect((await host.info()).status.head?.subject).toBe('on top of it');
    },
  );

  it(
    'belongs to its source: by hand only with --take-over, and goes back as a whole where that is declared',
    { timeout: 60_000 },
    async () => {
      await using host = new GitHost();
      await host.source({ on_failure: 'project' });
      await host.ok('source', 'sync', 'shop');
      const first = (await host.info()).status.head?.version;
      const byHand = await host.run(['apply', '-f', join(host.work, 'ecosystem.yaml')]);
      expect(byHand.code).toBe(6);
      expect(byHand.stderr).toContain('is declared by the source shop');

      host.file('api/server.js', `${SERVER}\n// good`);
      host.file('web/server.js', 'process.exit(3)');
      host.push('one good, one bad');
      expect((await host.run(['source', 'sync', 'shop'])).code).toBe(3);
      await eventually(async () => {
        const { items } = await host.apps();
        return items.every(({ source, status }) => source?.commit === first && status.health === 'Healthy');
      });
      host.file('web/server.js', `${SERVER}\n// fine`);
      const fine = host.push('both good');
      await host.ok('source', 'sync', 'shop');
      // A person goes back to an older commit: what is newest is not applied again by itself.
      await host.ok('source', 'sync', 'shop', '--commit', (first ?? '').slice(0, 9));
      const { status } = await host.info();
      expect(status.applied?.version).toBe(first);
      expect(status.quarantined[0]).toMatchObject({ version: fine, reason: 'PassedOver' });
      expect((await host.run(['source', 'sync', 'shop', '--commit', 'abc'])).code).toBe(64);
      await host.ok('source', 'remove', 'shop');
      expect((await host.run(['source', 'describe', 'shop'])).code).toBe(1);
      expect((await host.apps()).items).toHaveLength(2);
      expect(readdirSync(join(host.home, 'releases', 'shop')).length).toBeGreaterThan(0);
    },
  );

  it(
    'asks commands before and after, and is looked at when somebody signs for it',
    { timeout: 60_000 },
    async () => {
      await using host = new GitHost();
      host.write('hook.secret', 'geheim\n');
      const listen = `127.0.0.1:${await freePort()}`;
      const command = (file: string): string => `{ command: [sh, -c, '[ ! -f ${file} ]'] }`;
      await host.source({
        hooks: `{ before_apply: ${command('refuse')}, smoke: ${command('smoke')} }`,
        webhook: `{ secret_file: ./hook.secret, listen: "${listen}" }`,
      });
      await host.ok('source', 'sync', 'shop');
      const first = await host.pids();
      host.file('refuse', '');
      host.file('api/server.js', `${SERVER}\n// 2`);
      host.push('refused');
      const refused = await host.run(['source', 'sync', 'shop']);
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain('error[SOURCE_HOOK_FAILED]: before_apply');
      expect((await host.run(['source', 'diff', 'shop'])).code).toBe(1);
      expect(await host.pids()).toEqual(first);

      host.git(host.work, 'rm', '-q', 'refuse');
      host.file('smoke', '');
      host.push('smokes');
      expect((await host.run(['source', 'sync', 'shop'])).code).toBe(3);
      await eventually(async () => (await host.info()).status.message?.includes('back on') === true);

      host.git(host.work, 'rm', '-q', 'smoke');
      const good = host.push('good');
      const body = JSON.stringify({ ref: 'refs/heads/main' });
      const post = (secret: string): Promise<Response> =>
        fetch(`http://${listen}/hooks/shop`, {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-github-event': 'push',
            'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
          },
          body,
        });
      expect((await post('other')).status).toBe(401);
      expect((await post('geheim')).status).toBe(202);
      await eventually(async () => (await host.info()).status.lastGood?.version === good);
    },
  );
});
