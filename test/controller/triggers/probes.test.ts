import { describe, expect, it } from 'vitest';
import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificate } from '../../support/certificates.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Host } from '../../support/host.ts';

const isRoot = process.getuid?.() === 0;
const STEADY = 'setInterval(() => {}, 1e6);';

/** What is there once `accept` likes it. */
function until<T>(look: () => Promise<T>, accept: (value: T) => boolean): Promise<T> {
  return eventually(async () => {
    const value = await look();
    return accept(value) && value;
  });
}

describe('readiness by message', () => {
  it('is what apply waits for, and survives the death of the runner and of the controller', async () => {
    await using host = new Host();
    host.write(
      'app.js',
      `process.on('disconnect', () => process.exit(9)); setTimeout(() => process.send('ready'), 300); setInterval(() => process.send?.('tick'), 50);`,
    );
    host.declare({ name: 'a', script: './app.js', wait_ready: true, min_uptime: 0 });
    await host.ok('apply');
    const before = await host.pids();
    const { controller, runner } = await host.daemon();
    process.kill(runner?.pid ?? 0, 'SIGKILL');
    process.kill(controller?.pid ?? 0, 'SIGKILL');
    await host.ok('daemon', 'start');
    const { items } = await until(
      () => host.apps(),
      ({ items }) => items[0]?.status.health === 'Healthy',
    );
    expect(items[0]?.status.readyInstances).toBe(1);
    expect(await host.pids()).toEqual(before);
  });

  it('that does not come in time is a failure of the apply, which says so', async () => {
    await using host = new Host();
    host.write('app.js', STEADY);
    host.declare({ name: 'a', script: './app.js', wait_ready: true, listen_timeout: 300 });
    const ran = await host.run(['apply']);
    expect(ran.text).toMatch(/listen_timeout is over: has not called process\.send\('ready'\)/);
    expect(ran.code).toBe(1);
  });
});

describe('a heartbeat', () => {
  it('finds a frozen process, and has it replaced', async () => {
    await using host = new Host();
    host.write('app.js', host.sleeper());
    const heartbeat = { interval: '200ms', misses: 3 };
    // One that is frozen before its first answer may be loading: so long.
    const app = { name: 'a', script: './app.js', min_uptime: 100, kill_timeout: 500, listen_timeout: '5s' };
    host.declare({ ...app, heartbeat });
    await host.ok('apply');
    await host.loaded();
    const { a: [pid] = [] } = await host.pids();
    process.kill(pid ?? 0, 'SIGSTOP');
    await until(
      () => host.pids(),
      ({ a }) => a?.[0] != null && a[0] !== pid,
    );
    expect((await host.ok('events', 'a')).stdout).toContain('HeartbeatMissed');
  });
});

describe('a liveness probe', () => {
  it('that fails has the instance replaced, and describe shows what it said', async () => {
    await using host = new Host();
    host.write('app.js', STEADY);
    const liveness = {
      exec: { command: ['test', '!', '-e', './broken'] },
      period: '100ms',
      failure_threshold: 2,
    };
    host.declare({ name: 'a', script: './app.js', min_uptime: 100, liveness });
    await host.ok('apply');
    const { a: [pid] = [] } = await host.pids();
    host.write('broken', '');
    await until(
      () => host.pids(),
      ({ a }) => a?.[0] != null && a[0] !== pid,
    );
    expect((await host.ok('events', 'a')).stdout).toContain(
      'liveness probe failed 2 times in a row: test ended with code 1',
    );
    expect((await host.ok('describe', 'a')).stdout).toMatch(/liveness/);
  });
});

describe('a probe that is a command', () => {
  it('has the environment, the folder and the ports of the instance that it is about', async () => {
    await using host = new Host();
    const told = 'echo "$PORT $PORT_ADMIN $TOKEN $MODE $STATEWARD_SLOT $(pwd)"';
    host.write('sub/app.sh', `${told} > own-$STATEWARD_SLOT; exec sleep 1000`);
    host.write('secret.env', 'TOKEN=from-the-file');
    const ports = [{ name: 'admin', port: 'auto' }];
    host.declare({
      ...{ name: 'a', script: 'sh', args: ['app.sh'], cwd: './sub', env_file: './secret.env', ports },
      ...{ instances: 2, port: 'auto', env: { MODE: 'x' } },
      readiness: { exec: { command: ['sh', '-c', `${told} | diff - own-$STATEWARD_SLOT`] }, period: '100ms' },
    });
    await host.ok('apply');
    const [first, second] = [0, 1].map((slot) =>
      readFileSync(join(host.folder, `sub/own-${slot}`), 'utf8').split(' '),
    );
    expect(first?.slice(2, 5)).toEqual(['from-the-file', 'x', '0']);
    expect(second?.[0]).not.toBe(first?.[0]);
  });
});

describe('probes over TLS and of gRPC', () => {
  it('say in why and describe what is wrong, show no secret, and cost no restart to mend', async () => {
    await using host = new Host();
    const ca = certificate({ name: 'Shop CA', isAuthority: true });
    const { cert, key } = certificate({ name: 'shop', names: ['shop.example'], by: ca });
    host.write('ca.pem', ca.cert);
    host.write('pair.json', JSON.stringify({ cert, key }));
    host.write('web.cjs', SECURE_APP);
    // On a busy host a Node process takes longer to listen than three probes.
    const rpc = { grpc: { port: 'rpc', service: 'shop.Cart' }, period: '100ms', failure_threshold: 100 };
    const declare = (http: object): void =>
      host.declare({
        ...{ name: 'web', script: './web.cjs', instances: 2, port: 'auto', min_uptime: 0, startup: rpc },
        ports: [{ name: 'rpc', port: 'auto', shared: false }],
        readiness: { http: { scheme: 'https', ...http }, period: '100ms' },
        listen_timeout: '10s',
      });
    const headers = { Host: 'shop.example', Authorization: 'Bearer open-sesame-1' };
    declare({ ca: './ca.pem', headers: { ...headers, Authorization: 'Bearer open-sesame-2' } });
    expect((await host.run(['apply'])).code).toBe(1);
    const pids = await host.pids();
    const refused = /GET https:\/\/127\.0\.0\.1:\d+\/ answered 401: not <redacted>/;
    for (const verb of ['why', 'describe']) expect((await host.ok(verb, 'web')).stdout).toMatch(refused);
    declare({ headers });
    const plan = await host.ok('plan');
    expect(plan.stdout).toMatch(/~ web +live .*\n.*headers\.Authorization: "<redacted>" \(changed\)/);
    const everything = [
      plan,
      ...(await Promise.all([host.ok('get', '-o', 'json'), host.ok('get', '-o', 'yaml')])),
    ];
    expect(everything.map(({ text }) => text).join('')).not.toContain('sesame');
    expect((await host.run(['apply'])).text).toContain(
      'its certificate is by "Shop CA", which is not trusted',
    );
    declare({ ca: './ca.pem', headers });
    await host.ok('apply');
    const { items } = await host.apps();
    expect(items[0]?.status.health).toBe('Healthy');
    expect(await host.pids()).toEqual(pids);
    expect((await host.run(['plan', '--detailed-exitcode'])).code).toBe(0);
  });

  it('have a process replaced that stops to answer, as a command run as another user does', async () => {
    await using host = new Host();
    const { cert, key } = certificate({ name: 'shop', names: ['127.0.0.1'] });
    host.write('ca.pem', cert);
    host.write('pair.json', JSON.stringify({ cert, key }));
    host.write('web.cjs', SECURE_APP);
    host.write('secret.env', 'TOKEN=open-sesame-3');
    chmodSync(host.folder, 0o755);
    const who = 'test "$(id -un) $TOKEN" = "nobody open-sesame-3" || { echo "I am $(id -un)"; exit 1; }';
    const web = { script: './web.cjs', port: 'auto', ports: [{ name: 'rpc', port: 'auto' }] };
    const probed = (probe: object): object => ({
      readiness: { ...probe, period: '100ms' },
      liveness: { ...probe, period: '100ms', failure_threshold: 2 },
    });
    const headers = { Authorization: 'Bearer open-sesame-1' };
    const apps = [
      { name: 'tls', ...web, ...probed({ http: { scheme: 'https', ca: './ca.pem', headers } }) },
      { name: 'rpc', ...web, ...probed({ grpc: { port: 'rpc', service: 'shop.Cart' } }) },
      ...(isRoot
        ? [
            {
              ...{
                name: 'cmd',
                script: 'exec sleep 1000',
                shell: true,
                user: 'nobody',
                env_file: './secret.env',
              },
              ...probed({ exec: { command: ['sh', '-c', `${who}; test ! -e broken`] } }),
            },
          ]
        : []),
    ];
    host.declare(...apps.map((app) => ({ ...app, min_uptime: 0 })));
    await host.ok('apply');
    const before = await host.pids();
    expect(Object.keys(before)).toHaveLength(apps.length);
    for (const pids of Object.values(before)) host.write(`broken-${pids[0] ?? ''}`, '');
    host.write('broken', '');
    await until(
      () => host.pids(),
      (now) => apps.every(({ name }) => now[name]?.[0] != null && now[name][0] !== before[name]?.[0]),
    );
    const events = (await host.ok('events')).stdout;
    expect(events).toMatch(/shop\/tls.* liveness probe failed 2 times in a row: GET https:.* answered 503/);
    expect(events).toMatch(/shop\/rpc.* liveness probe failed 2 times in a row: .*NOT_SERVING/);
    if (isRoot)
      expect(events).toMatch(/shop\/cmd.* liveness probe failed 2 times in a row: sh ended with code 1/);
    expect(events).not.toContain('sesame');
  });
});

/** Serves over TLS to whoever has the word, and says by gRPC that it serves one service. */
const SECURE_APP = `
const { existsSync, readFileSync } = require('node:fs');
const { cert, key } = JSON.parse(readFileSync('pair.json', 'utf8'));
const isBroken = () => existsSync('broken-' + process.pid);
require('node:https').createServer({ cert, key }, ({ headers }, response) => {
  const { authorization } = headers;
  response.statusCode = isBroken() ? 503 : authorization === 'Bearer open-sesame-1' ? 200 : 401;
  response.end('not ' + authorization);
}).listen(Number(process.env.PORT), '127.0.0.1');
require('node:http2').createServer().on('stream', (stream) => {
  const chunks = [];
  stream.on('data', (chunk) => chunks.push(chunk)).on('end', () => {
    const knows = Buffer.concat(chunks).includes('shop.Cart');
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': knows ? '0' : '5' }));
    stream.end(knows ? Buffer.from([0, 0, 0, 0, 2, 8, isBroken() ? 2 : 1]) : undefined);
  });
}).listen({ port: Number(process.env.PORT_RPC), host: '127.0.0.1', exclusive: true });`;

describe('probes of a port that instances share', () => {
  it('judge each instance alone: a bad version is not taken for ready because a good one answers', async () => {
    await using host = new Host();
    const port = await freePort();
    host.write(
      'web.cjs',
      `require('node:http').createServer((request, response) => {
         response.statusCode = process.env.VERSION === 'bad' ? 503 : 200;
         response.end();
       }).listen(Number(process.env.PORT), '127.0.0.1');`,
    );
    const probe = { http: { port }, period: '100ms' };
    const web = { name: 'web', script: './web.cjs', instances: 2, listen_timeout: '10s', readiness: probe };
    host.declare({ ...web, env: { PORT: port, VERSION: 'good' }, liveness: probe });
    await host.ok('apply');
    const before = await host.pids();
    // Without the liveness: that would end the rollout as well.
    host.declare({ ...web, env: { PORT: port, VERSION: 'bad' } });
    const ran = await host.run(['apply']);
    expect(ran.text).toContain('answered 503');
    expect(ran.code).toBe(3);
    expect(await host.pids()).toEqual(before);
    expect((await host.ok('events', 'web')).stdout).not.toContain('LivenessFailed');
  });
});
