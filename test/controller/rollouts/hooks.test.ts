// Hooks of a real daemon: what is said of those that fail, and what outlives a daemon that is killed.
import { existsSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { RevisionList } from '../../../src/api/contract/wire/revisions.ts';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

let host: Host;

/** Notes its pid, and ends with the code that comes over the socket that HOOK names. */
const HOOK = `const { appendFileSync } = require('node:fs');
appendFileSync('runs', process.pid + '\\n');
console.error('migrating');
require('node:net').connect(process.env.HOOK).on('data', (code) => process.exit(Number(code)));`;

/** Resolves with a hook that waits; what is written to it is its exit code. */
function nextHook(path: string): { readonly asked: Promise<Socket>; close(): void } {
  let met: (socket: Socket) => void = () => undefined;
  const asked = new Promise<Socket>((resolve) => (met = resolve));
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    met(socket);
  }).listen(path);
  return { asked, close: () => server.close() };
}

function declare(version: string, socket: string, rest: Record<string, unknown> = {}): void {
  const command = [process.execPath, './hook.cjs'];
  host.declare({
    name: 'api',
    script: './service.js',
    min_uptime: 10,
    env: { VERSION: version, HOOK: `${host.folder}/${socket}` },
    hooks: { pre_start: { command, timeout: '60s' } },
    rollout: { min_ready: 10, ...rest },
  });
}

function runs(): number {
  return readFileSync(`${host.folder}/runs`, 'utf8').split('\n').length - 1;
}

async function history(): Promise<RevisionList['items']> {
  return (JSON.parse((await host.ok('history', 'shop', '-o', 'json')).stdout) as RevisionList).items;
}

async function applied(version: string, socket: string, code: number) {
  declare(version, socket);
  const hook = nextHook(`${host.folder}/${socket}`);
  const applying = host.run(['apply']);
  (await hook.asked).write(String(code));
  hook.close();
  return applying;
}

beforeAll(() => {
  host = new Host();
  host.write('service.js', 'setInterval(() => undefined, 1e6)');
  host.write('hook.cjs', HOOK);
});
afterAll(() => host[Symbol.asyncDispose]());

it('runs before the first process, and a failure of it changes nothing', async () => {
  expect(await applied('1', 'first', 0)).toMatchObject({ code: 0 });
  const before = await host.pids();
  const failed = await applied('2', 'second', 4);
  expect(failed.code).toBe(3);
  expect(failed.stderr).toContain('pre_start hook exited with code 4');
  expect(failed.stderr).toContain('migrating');
  expect(await host.pids()).toEqual(before);
  expect((await host.ok('why', 'api')).stdout).toMatch(/pre_start hook exited with code 4 .*: migrating/);
  // The way back is a revision as any other, and says whose it is.
  const [back, declared] = await history();
  const run = { hook: 'pre_start', slot: null, outcome: 'failed', exitCode: 4, lastLine: 'migrating' };
  expect(declared).toMatchObject({ outcome: { state: 'failed' }, hooks: [{ app: 'shop/api', ...run }] });
  expect((await host.apps()).items[0]?.status.hooks).toMatchObject([
    { ...run, revision: 2, message: expect.stringContaining('code 4') as string },
    { ...run, revision: 1, outcome: 'succeeded', exitCode: 0, message: null },
  ]);
  expect((await host.ok('describe', 'api')).stdout).toMatch(
    /HOOK .*\n +pre_start +- +2 .*failed: code 4 .*migrating/,
  );
  expect((await host.ok('history', 'shop')).stdout).toMatch(/± api roll +failed after .* failed/);
  expect(back).toMatchObject({
    by: 'stateward',
    command: expect.stringMatching(
      /^rollback of api: pre_start hook exited with code 4 after .*: migrating$/,
    ) as string,
    changes: [
      { app: 'shop/api', fields: [{ path: 'env.VERSION', before: '2', after: '1' }, { path: 'env.HOOK' }] },
    ],
  });
});

it.each([
  ['the controller', ['controller']],
  ['the runner', ['runner']],
  ['both', ['controller', 'runner']],
] as const)('goes on while %s is killed, is found again, and runs once', async (_, killed) => {
  const before = await host.pids();
  const began = runs();
  const socket = killed.join('-');
  declare(`kill ${socket}`, socket);
  const hook = nextHook(`${host.folder}/${socket}`);
  await host.ok('apply', '--no-wait');
  const waiting = await hook.asked;
  const daemon = await host.daemon();
  for (const name of killed) process.kill(daemon[name]?.pid ?? 0, 'SIGKILL');
  // Each of the two starts the other again; both together are for whoever needs them.
  if (killed.length === 2) await host.ok('daemon', 'start');
  await eventually(async () => {
    const ran = await host.run(['daemon', 'status', '-o', 'json']);
    if (ran.code !== 0) return undefined;
    const now = JSON.parse(ran.stdout) as typeof daemon;
    const isNew = killed.every((name) => now[name] !== null && now[name].pid !== daemon[name]?.pid);
    return isNew ? true : undefined;
  });
  expect(await host.pids()).toEqual(before);
  waiting.write('0');
  hook.close();
  await host.ok('wait', 'api', '--timeout', '30s');
  expect(runs()).toBe(began + 1);
  expect(await host.pids()).not.toEqual(before);
});

it('runs before new code, whoever asks for the processes, with the port of slot 0, and once for the same code', async () => {
  const note = (what: string) => ({
    command: ['/bin/sh', '-c', `echo ${what} $PORT >> noted; test ! -e bad`],
  });
  host.declare({
    ...{ name: 'web', script: './web.js', min_uptime: 10, port: 'auto', code: ['web.js'] },
    hooks: { pre_start: note('before'), post_stop: note('after') },
    rollout: { min_ready: 10 },
  });
  const noted = (): readonly string[] => readFileSync(`${host.folder}/noted`, 'utf8').trim().split('\n');
  const write = (version: string): void => {
    host.write('web.js', `/* ${version} */ setInterval(() => undefined, 1e6)`);
  };
  write('1');
  await host.ok('apply', '--allow-wipe');
  const port = noted()[0]?.split(' ')[1] ?? '';
  expect(Number(port)).toBeGreaterThan(0);
  const [before, after] = [`before ${port}`, `after ${port}`];
  await host.ok('stop', 'web');
  // Nothing waits for post_stop.
  await eventually(() => noted().length === 2);
  await host.ok('start', 'web');
  expect(noted()).toEqual([before, after]);
  await host.ok('stop', 'web');
  await eventually(() => noted().length === 3);
  write('2');
  await host.ok('start', 'web');
  expect(noted()).toEqual([before, after, after, before]);
  write('3');
  await host.ok('restart', 'web');
  await host.ok('restart', 'web');
  await host.ok('apply');
  expect(noted().filter((line) => line === before)).toHaveLength(3);
  await host.ok('stop', 'web');
  write('4');
  host.write('bad', '');
  const refused = await host.run(['apply']);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('pre_start hook exited with code 1');
  expect((await host.pids())['web']).toEqual([null]);
});

it('tells on_failure of a rollout that failed, and everybody of a hook that fails', async () => {
  const told = { command: ['/bin/sh', '-c', `cat >> ${host.folder}/told`] };
  const failing = { command: ['/bin/sh', '-c', 'echo no such mailbox >&2; exit 9'] };
  const mail = {
    ...{ name: 'mail', script: './mail.js', min_uptime: 500, wait_ready: true },
    hooks: { on_failure: told, post_start: failing },
    rollout: { min_ready: 500 },
  };
  host.write(
    'mail.js',
    "if (process.env.BAD) process.exit(5); process.send('ready'); setInterval(() => undefined, 1e6)",
  );
  host.declare(mail);
  await host.ok('apply', '--allow-wipe');
  const problem = await eventually(async () => {
    const { items } = await host.apps();
    return items[0]?.status.problems?.find(({ type }) => type === 'Hooks');
  });
  expect(problem).toMatchObject({
    reason: 'HookFailed',
    message: expect.stringContaining('post_start') as string,
  });
  expect((await host.apps()).items[0]?.status).toMatchObject({ readyInstances: 1 });
  host.declare({ ...mail, env: { BAD: '1' } });
  expect(await host.run(['apply'])).toMatchObject({ code: 3 });
  const [report] = await eventually(() => readReports(1));
  expect(report).toMatchObject({
    kind: 'FailureReport',
    project: 'shop',
    app: 'mail',
    reason: 'RolloutFailed',
    message: expect.stringContaining('exited with code 5') as string,
  });
  // A scheduled job is at rest again after a run that has failed, and never Failed.
  host.write('job.js', 'process.exit(6)');
  host.declare({ name: 'job', script: './job.js', schedule: '0 0 1 1 *', hooks: { on_failure: told } });
  await host.ok('apply', '--allow-wipe');
  await host.run(['start', 'job']);
  const [, ofRun] = await eventually(() => readReports(2));
  expect(ofRun).toMatchObject({ app: 'job', reason: 'Exited', slot: 0 });
});

/** undefined: there are not so many yet. */
function readReports(count: number): readonly unknown[] | undefined {
  if (!existsSync(`${host.folder}/told`)) return undefined;
  const lines = readFileSync(`${host.folder}/told`, 'utf8').trimEnd().split('\n');
  return lines.length < count ? undefined : lines.map((line) => JSON.parse(line) as unknown);
}
