import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { AppStatus, RolloutInfo } from '../../../src/api/contract/wire/apps.ts';
import type { EventList } from '../../../src/api/contract/wire/events.ts';
import type { RevisionList } from '../../../src/api/contract/wire/revisions.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host, isAlive } from '../../support/host.ts';

const SERVER = `require('node:http')
  .createServer((request, response) => response.end(process.env.VERSION))
  .listen(Number(process.env.PORT), '127.0.0.1');
process.on('message', (message) => {
  if (message.ping !== undefined) process.send({ pong: message.ping, slot: process.env.NODE_APP_INSTANCE });
});
`;

/** Files by what is wrong with them. `dies.js` is ready before it dies, and not for long enough. */
const FILES: Readonly<Record<string, string>> = {
  'server.js': SERVER,
  'worker.js': `process.send?.('ready'); setInterval(() => {}, 1e6);
process.on('message', () => {});`,
  'crashes.js': `console.error('no database'); process.exit(3);`,
  'hangs.js': `console.error('waits for ever'); setInterval(() => {}, 1e6);`,
  'dies.js': `if (process.env.PORT) {${SERVER}} else { process.send('ready'); }
setTimeout(() => { console.error('out of luck'); process.exit(4); }, 300);`,
  'broken.js': `function (`,
};

const BAD = [
  ['crashes at start', 'crashes.js', /slot 0 exited with code 3/, 'no database'],
  ['never becomes ready', 'hangs.js', /slot 0 was not ready within 5s/, 'waits for ever'],
  ['dies within min_ready', 'dies.js', /slot 0 exited with code 4/, 'out of luck'],
  ['does not parse', 'broken.js', /slot 0 exited with code 1/, 'SyntaxError'],
] as const;

/** A host with one app of two instances, that starts first and runs its first version. */
class ReleasedApp extends Host {
  readonly port: number | null;
  readonly #fields: Record<string, unknown>;

  private constructor(port: number | null, fields: Record<string, unknown>) {
    super();
    this.port = port;
    this.#fields = fields;
  }

  static async cluster(rollout: Record<string, unknown> = {}): Promise<ReleasedApp> {
    const port = await freePort();
    return new ReleasedApp(port, { exec_mode: 'cluster', env: { PORT: port }, rollout }).#applied(
      'server.js',
    );
  }

  /** An app without a port: its instances may run side by side. */
  static fork(fields: Record<string, unknown> = {}): Promise<ReleasedApp> {
    const rollout = { max_surge: 1, max_unavailable: 0 };
    return new ReleasedApp(null, { exec_mode: 'fork', wait_ready: true, rollout, ...fields }).#applied(
      'worker.js',
    );
  }

  release(script: string, version: string): void {
    const { env, rollout, ...fields } = this.#fields;
    this.declare({
      name: 'web',
      script: `./${script}`,
      instances: 2,
      // Only what hangs is to reach it, on a busy host too.
      listen_timeout: script === 'hangs.js' ? 5_000 : 30_000,
      min_uptime: 100,
      ...fields,
      env: { ...(env as object | undefined), VERSION: version },
      // What dies after it is ready has to do so within it.
      rollout: { min_ready: script === 'dies.js' ? 20_000 : 600, ...(rollout as object) },
    });
  }

  async status(): Promise<AppStatus> {
    const status = (await this.apps()).items[0]?.status;
    if (status === undefined) throw new Error('no app');
    return status;
  }

  async rollout(): Promise<RolloutInfo | null> {
    return (await this.status()).rollout ?? null;
  }

  async history(): Promise<RevisionList['items']> {
    const list = await this.ok('history', 'shop/', '-o', 'json');
    return (JSON.parse(list.stdout) as RevisionList).items;
  }

  async events(): Promise<EventList['items']> {
    return (JSON.parse((await this.ok('events', '-o', 'json')).stdout) as EventList).items;
  }

  /** Kills the controller, and waits for the next one. */
  async replaceController(): Promise<void> {
    const { controller } = await this.daemon();
    if (controller === null) throw new Error('no controller');
    process.kill(controller.pid, 'SIGKILL');
    await eventually(async () => {
      const ran = await this.run(['daemon', 'status', '-o', 'json']);
      return ran.code === 0 && !ran.stdout.includes(`"pid": ${controller.pid},`);
    });
  }

  /** What the port answers, or nothing where there is none. */
  async answer(): Promise<string> {
    if (this.port === null) return '';
    return (await fetch(`http://127.0.0.1:${this.port}/`, { headers: { connection: 'close' } })).text();
  }

  /** What the port answers as soon as it does. */
  answered(): Promise<string> {
    return eventually(() => this.answer().catch(() => undefined));
  }

  async #applied(script: string): Promise<this> {
    for (const [path, text] of Object.entries(FILES)) this.write(path, text);
    this.release(script, 'one');
    await this.ok('apply');
    // It counts as ready after its min_uptime, and on a busy host that may be before it listens.
    await this.answered();
    // The first version is what later ones go back to once it has proven itself, a moment after it is healthy.
    await eventually(async () => (await this.history())[0]?.outcome?.state === 'succeeded');
    return this;
  }
}

it('a release that forgets to listen is none, also where the version before has to go first', async () => {
  await using host = await ReleasedApp.cluster({ max_surge: 0, max_unavailable: 2, parallel: 2 });
  await host.ok('reload', 'web');
  host.release('hangs.js', 'two');
  const applied = await host.run(['apply']);
  expect(applied.code).toBe(3);
  expect(applied.text).toContain('does not listen yet');
  expect(await host.answered()).toBe('one');
});

it('a restart stops nothing where the script of what would follow is gone', async () => {
  await using host = await ReleasedApp.fork({ rollout: {} });
  const before = await host.pids();
  rmSync(join(host.folder, 'worker.js'));
  const restarted = await host.run(['restart', 'web']);
  const why = /slot 0 could not be started: script: ENOENT: there is no file .*worker\.js/;
  expect(restarted).toMatchObject({ code: 3, text: expect.stringMatching(why) as string });
  expect(await host.pids()).toEqual(before);
  expect(await host.rollout()).toMatchObject({
    state: 'failed',
    message: expect.stringMatching(why) as string,
  });
  expect(await host.status()).toMatchObject({ health: 'Healthy', readyInstances: 2 });
});

describe.each([
  ['cluster', () => ReleasedApp.cluster(), 'one'],
  ['fork mode that starts first', () => ReleasedApp.fork(), ''],
] as const)('a release of an app in %s', (_, start, answer) => {
  it.each(BAD)('that %s leaves the old processes alone, and ends with 3', async (_what, file, why, line) => {
    await using host = await start();
    const before = await host.pids();
    host.release(file, 'two');
    const applied = await host.run(['apply']);
    expect(applied.code).toBe(3);
    expect(applied.text).toMatch(why);
    expect(applied.text).toContain(line);
    expect(await host.pids()).toEqual(before);
    expect(await host.answer()).toBe(answer);
    expect(await host.status()).toMatchObject({
      sync: 'Synced',
      health: 'Healthy',
      revision: 1,
      rollout: { state: 'failed', revision: 2, message: expect.stringMatching(why) as string },
    });
    expect(await host.history()).toMatchObject([
      { revision: 3, by: 'stateward', command: expect.stringContaining('rollback of web') as string },
      { revision: 2, outcome: { state: 'failed', message: expect.stringMatching(why) as string } },
      { revision: 1, outcome: { state: 'succeeded' } },
    ]);
    const reasons = (await host.events()).map(({ reason }) => reason);
    expect(reasons).toEqual(expect.arrayContaining(['RolloutFailed', 'RolledBack']));
    expect((await host.ok('plan')).text).toContain('failed before');
  });

  it('that is good takes the place of the old processes', async () => {
    await using host = await start();
    const before = await host.pids();
    host.release(host.port === null ? 'worker.js' : 'server.js', 'two');
    await host.ok('apply');
    const after = await host.pids();
    expect(after.web).toHaveLength(2);
    expect(after.web?.filter((pid) => before.web?.includes(pid))).toEqual([]);
    expect(before.web?.filter((pid) => pid !== null && isAlive(pid))).toEqual([]);
    expect(await host.rollout()).toMatchObject({
      state: 'succeeded',
      updatedInstances: 2,
      totalInstances: 2,
    });
    expect((await host.ok('apply')).text).toContain('0 processes touched');
  });
});

it('a release that failed is left alone by what comes later, and tried again by the next apply', async () => {
  await using host = await ReleasedApp.cluster();
  host.release('crashes.js', 'two');
  expect((await host.run(['apply'])).code).toBe(3);
  await host.ok('restart', 'web');
  expect(await host.answer()).toBe('one');
  host.write('crashes.js', SERVER);
  await host.ok('apply');
  expect(await host.answer()).toBe('two');
  expect((await host.history())[0]).toMatchObject({ outcome: { state: 'succeeded' } });
});

it('a release that is to pause waits with the old processes serving, until it is resumed', async () => {
  await using host = await ReleasedApp.cluster({ on_failure: 'pause' });
  const before = await host.pids();
  host.release('crashes.js', 'two');
  expect((await host.run(['apply'])).code).toBe(3);
  expect(await host.pids()).toEqual(before);
  expect(await host.answer()).toBe('one');
  expect(await host.rollout()).toMatchObject({ state: 'paused', pausedBy: 'stateward', updatedInstances: 0 });
  expect((await host.history())[0]).toMatchObject({ outcome: { state: 'failed' } });
  host.write('crashes.js', SERVER);
  await host.ok('rollout', 'resume', 'web');
  expect(await host.answer()).toBe('two');
  expect((await host.history())[0]).toMatchObject({ outcome: { state: 'succeeded' } });
});

it('a rollout goes on with the next controller when one is killed', async () => {
  await using host = await ReleasedApp.cluster({ min_ready: 1_500 });
  host.release('server.js', 'two');
  await host.ok('apply', '--no-wait');
  await eventually(async () => (await host.status()).instances.length === 3);
  await host.replaceController();
  expect(await host.answer()).toMatch(/^(one|two)$/);
  await eventually(async () => (await host.rollout())?.state === 'succeeded');
  expect(await host.answer()).toBe('two');
  expect((await host.pids()).web).toHaveLength(2);
});

it('a bad release is taken back by the next controller when one is killed', async () => {
  await using host = await ReleasedApp.cluster();
  const before = await host.pids();
  host.release('hangs.js', 'two');
  await host.ok('apply', '--no-wait');
  await eventually(async () => (await host.status()).instances.length === 3);
  process.kill((await host.daemon()).controller?.pid ?? 0, 'SIGKILL');
  await eventually(async () => {
    const ran = await host.run(['get', '-o', 'json']);
    return ran.code === 0 && ran.stdout.includes('"state": "failed"');
  });
  // The new process is listed until it has ended.
  await eventually(async () => (await host.status()).instances.length === 2);
  expect(await host.pids()).toEqual(before);
  expect(await host.answer()).toBe('one');
});

it('messages reach the app, and what it sends reaches whoever looks at events', async () => {
  await using host = await ReleasedApp.cluster();
  const sent = await host.ok('send', 'web', '{"ping": 7}');
  expect(sent.text).toContain('shop/web:1');
  await eventually(
    async () => (await host.events()).filter(({ reason }) => reason === 'MessageReceived').length === 2,
  );
  const [message] = (await host.events()).filter(({ reason }) => reason === 'MessageReceived');
  expect(message).toMatchObject({ key: 'shop/web', level: 'info', data: { pong: 7 } });
  await host.ok('stop', 'web');
  expect((await host.run(['send', 'web', 'hello'])).code).toBe(1);
});

describe('the output that is shown with a failed rollout', () => {
  it.each([
    ['logs to files', {}],
    ['logs nowhere', { out_file: '/dev/null', error_file: '/dev/null' }],
  ])('is of the process that failed, and of no other, where an app %s', async (_, fields) => {
    await using host = await ReleasedApp.fork(fields);
    host.release('crashes.js', 'two');
    const crashed = await host.run(['apply']);
    expect(crashed).toMatchObject({ code: 3, text: expect.stringContaining('err | no database') as string });
    host.release('hangs.js', 'three');
    const hung = await host.run(['apply']);
    expect(hung).toMatchObject({ code: 3, text: expect.stringContaining('err | waits for ever') as string });
    expect(hung.text).not.toContain('no database');
    expect((await host.rollout())?.logLines).toEqual([{ stream: 'err', line: 'waits for ever' }]);
    expect((await host.ok('describe', 'web')).text).toMatch(/Output: +err \| waits for ever/);
    expect(JSON.stringify(await host.events())).not.toContain('waits for ever');
  });

  it('is kept while the rollout waits for somebody, and over the end of the controller', async () => {
    await using host = await ReleasedApp.fork({
      rollout: { max_surge: 1, max_unavailable: 0, on_failure: 'pause' },
    });
    host.release('crashes.js', 'two');
    expect((await host.run(['apply'])).code).toBe(3);
    const logLines = [{ stream: 'err', line: 'no database' }];
    expect(await host.rollout()).toMatchObject({ state: 'paused', logLines });
    await host.replaceController();
    expect(await host.rollout()).toMatchObject({ state: 'paused', logLines });
  });
});
