import { spawnSync } from 'node:child_process';
import { existsSync, readlinkSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { listenOn } from '../../../src/runner/activation/listening-socket.ts';
import type { SocketPlace, SocketSpec, SpawnSpec } from '../../../src/runner/protocol/orders.ts';
import type { RunnerInstance } from '../../../src/runner/protocol/reports.ts';
import { bundle } from '../../support/bundle.ts';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { labels } from '../../support/runner/labels.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeAll(async () => {
  rig = await RunnerRig.start({ holder: true });
});
afterEach(async () => {
  await keep({});
  for (const instance of await rig.client.list()) if (instance.state !== 'exited') await stop(instance);
});
afterAll(() => rig.close());

const APP = `${labels.project}/${labels.app}`;

/** Answers each connection with what it knows of its sockets, once it is told a line; takes them as systemd's are taken. */
const SERVER = `
const { LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES } = process.env;
if (Number(LISTEN_PID) !== process.pid) { console.error('not for me'); process.exit(3); }
for (let fd = 3; fd < 3 + Number(LISTEN_FDS); fd++) {
  require('node:net').createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(JSON.stringify({ id: process.env.STATEWARD_INSTANCE, fd, names: LISTEN_FDNAMES })));
  }).listen({ fd });
}
`;

const tcp = (port: number, host: string | null = '127.0.0.1'): SocketPlace => ({ kind: 'tcp', host, port });
const path = (file: string, mode = 0o660): SocketPlace => ({
  kind: 'path',
  path: file,
  mode,
  uid: null,
  gid: null,
});
const socket = (place: SocketPlace, name = 'web', backlog = 511): SocketSpec => ({ name, place, backlog });

async function start(sockets: readonly SocketSpec[], more: Partial<SpawnSpec> = {}): Promise<RunnerInstance> {
  const script = join(rig.folder, 'server.cjs');
  await writeFile(script, SERVER);
  return rig.client.spawn(rig.spec({ file: process.execPath, args: [script], sockets, ...more }));
}

/** On a busy host the one that keeps the sockets may come late. */
const untilKept = (instance: RunnerInstance): Promise<unknown> =>
  eventually(async () => (await line(instance))?.socketsLost === undefined);

interface Said {
  readonly id: string;
  readonly fd: number;
  readonly names: string;
}

/** What who answers says; waits for as long as nobody does. */
async function ask(where: number | string): Promise<Said> {
  const client = typeof where === 'number' ? connect(where, '127.0.0.1') : connect(where);
  let text = '';
  client.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  client.write('\n');
  await once(client, 'close');
  return JSON.parse(text) as Said;
}

const refused = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const client = connect(port, '127.0.0.1');
    client.on('error', () => resolve(true));
    client.on('connect', () => {
      client.destroy();
      resolve(false);
    });
  });

async function stop({ nonce }: RunnerInstance): Promise<void> {
  await rig.client.call({ kind: 'stop', spec: { nonce, signal: 'SIGKILL', tree: true, graceMs: 1_000 } });
  await rig.client.nextState(nonce, 'exited');
}

const keep = (apps: Record<string, readonly SocketSpec[]>): Promise<unknown> =>
  rig.client.call({ kind: 'keep-sockets', apps }, 'done');

const line = async ({ nonce }: RunnerInstance): Promise<RunnerInstance | undefined> =>
  (await rig.client.list()).find((it) => it.nonce === nonce);

describe('a process with sockets', () => {
  test('has them from descriptor 3 on, in order, with its own pid and their names', async () => {
    const port = await freePort();
    const file = join(rig.folder, 'run/more/api.sock');
    const instance = await start([socket(tcp(port)), socket(path(file), 'api')]);
    expect(instance.sockets).toEqual([`127.0.0.1:${port}`, file]);
    expect(await ask(port)).toEqual({ id: instance.nonce, fd: 3, names: 'web:api' });
    expect(await ask(file)).toEqual({ id: instance.nonce, fd: 4, names: 'web:api' });
    expect(statSync(file).mode & 0o777).toBe(0o660);
    await stop(instance);
  });

  test('has its channel and the folder of its agent behind them', async () => {
    const agent = await bundle('src/agent/main.ts');
    const port = await freePort();
    const script = join(rig.folder, 'server.cjs');
    await writeFile(script, `${SERVER}; process.send('here'); process.on('message', () => undefined);`);
    for (const shared of [false, true]) {
      const args = ['--require', agent, script];
      const spec = rig.spec({
        file: process.execPath,
        args,
        sockets: [socket(tcp(port))],
        ipc: true,
        shared,
      });
      const instance = await rig.client.spawn(spec);
      const frame = await rig.client.frames.next((it) => 'event' in it && it.event === 'message');
      expect(frame).toMatchObject({ nonce: instance.nonce, message: 'here' });
      expect(await ask(port)).toMatchObject({ id: instance.nonce, fd: 3 });
      await stop(instance);
    }
  });

  test('shares them with the others of its app, and takes their place without a refused connection', async () => {
    const sockets = [socket(tcp(await freePort()))];
    const port = (sockets[0]?.place as { port: number }).port;
    const first = await start(sockets);
    const second = await start(sockets);
    await stop(first);
    expect(await ask(port)).toMatchObject({ id: second.nonce });
    await stop(second);
    // Nobody is there: what comes waits for who comes next.
    const waiting = Promise.all([ask(port), ask(port)]);
    const third = await start(sockets);
    expect(await waiting).toMatchObject([{ id: third.nonce }, { id: third.nonce }]);
  });

  const hasPython = spawnSync('python3', ['--version']).status === 0;
  test.skipIf(!hasPython)('gets sockets that wait when nobody has made them others', async () => {
    const file = join(rig.folder, 'a.sock');
    const source = `import socket, os
s = socket.socket(fileno=3)
c, _ = s.accept()
c.recv(10)
c.sendall(b'{"id":"' + os.environ['STATEWARD_INSTANCE'].encode() + b'"}')
c.close()
`;
    const first = await start([socket(path(file))]);
    expect(await ask(file)).toMatchObject({ fd: 3 });
    // Node has made it one that does not wait.
    await stop(first);
    const python = await rig.client.spawn(
      rig.spec({ file: 'python3', args: ['-c', source], sockets: [socket(path(file))] }),
    );
    expect(python.exit?.error ?? null).toBeNull();
    expect((await ask(file)).id).toBe(python.nonce);
  });
});

describe('a socket of an app', () => {
  test('is closed when nobody is to keep it and the last process has ended', async () => {
    const port = await freePort();
    const instance = await start([socket(tcp(port))]);
    await keep({});
    expect(await ask(port)).toMatchObject({ id: instance.nonce });
    await stop(instance);
    await eventually(() => refused(port));
  });

  test('stays without any process while it is to be kept, and goes with its file when it is not', async () => {
    const file = join(rig.folder, 'a.sock');
    const sockets = [socket(path(file))];
    const instance = await start(sockets);
    await keep({ [APP]: sockets });
    await stop(instance);
    expect(existsSync(file)).toBe(true);
    await keep({});
    await eventually(() => !existsSync(file));
  });

  test('takes the place of the file of one on which nobody listens, and of no other', async () => {
    const file = join(rig.folder, 'a.sock');
    const other = createServer().listen(file);
    await once(other, 'listening');
    const failed = await start([socket(path(file))]);
    expect(failed.exit?.error).toBe(
      `sockets: web: EADDRINUSE: cannot listen on ${file}: another process listens there: end it first`,
    );
    await writeFile(join(rig.folder, 'text'), 'mine');
    const text = await start([socket(path(join(rig.folder, 'text')))]);
    expect(text.exit?.error).toContain('there is a file that is no socket');
    other.close();
  });

  test('leaves no file behind where it cannot be given its owner and mode', () => {
    const file = join(rig.folder, 'refused.sock');
    const request = { address: file, port: -1, addressType: -1, flags: 0 } as const;
    const refuse = (): never => {
      throw new Error(`not that of ${existsSync(file) ? 'a file' : 'nothing'}`);
    };
    const all = { readableAll: false, writableAll: false };
    expect(() => listenOn({ ...request, ...all }, 1, refuse)).toThrow('not that of a file');
    expect(existsSync(file)).toBe(false);
  });

  test('that another app of the home has is told with its name', async () => {
    const port = await freePort();
    await start([socket(tcp(port))]);
    const other = { ...labels, app: 'other' };
    const failed = await start([socket(tcp(port, null))], { labels: other });
    expect(failed.exit?.error).toBe(
      `sockets: web: EADDRINUSE: cannot listen on *:${port}: the app ${APP} has 127.0.0.1:${port}`,
    );
  });

  test('can have another mode and backlog while it is open', async () => {
    const file = join(rig.folder, 'a.sock');
    await start([socket(path(file))]);
    await start([socket(path(file, 0o600), 'web', 7)]);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });
});

describe('after the runner was killed', () => {
  const sockets = async (): Promise<readonly [number, readonly SocketSpec[]]> => {
    const port = await freePort();
    return [port, [socket(tcp(port))]];
  };

  /** The process that keeps the socket. */
  async function keeperOf(port: number): Promise<number> {
    const inode = await inodeOf(port);
    return eventually(() => {
      const pid = rig.holder();
      return pid !== null && fdsOf(pid).includes(`socket:[${inode}]`) ? pid : undefined;
    });
  }

  test('a process of the next one joins those of the earlier one', async () => {
    const [port, specs] = await sockets();
    const first = await start(specs);
    await keeperOf(port);
    await rig.killRunner();
    const meanwhile = ask(port);
    await rig.startRunner();
    expect(await meanwhile).toMatchObject({ id: first.nonce });
    expect(await line(first)).toMatchObject({ state: 'running', sockets: [`127.0.0.1:${port}`] });
    await untilKept(first);
    const second = await start(specs);
    expect(second.exit).toBeNull();
    await stop(first);
    expect(await ask(port)).toMatchObject({ id: second.nonce });
    // And the same once more, with a holder that has come along.
    await rig.killRunner();
    await rig.startRunner();
    await stop(second);
    const waiting = ask(port);
    const third = await start(specs);
    expect(await waiting).toMatchObject({ id: third.nonce });
  });

  test('what no process had is still open', async () => {
    const [port, specs] = await sockets();
    const first = await start(specs);
    await keeperOf(port);
    await stop(first);
    await rig.killRunner();
    const waiting = ask(port);
    await rig.startRunner();
    const second = await start(specs);
    expect(await waiting).toMatchObject({ id: second.nonce });
  });

  test('and the one that kept its sockets too, the loss is told until the process has ended', async () => {
    const [port, specs] = await sockets();
    const first = await start(specs);
    const holder = await keeperOf(port);
    await rig.killRunner();
    process.kill(holder, 'SIGKILL');
    await eventually(() => rig.holder() === null);
    await rig.startRunner();
    expect(await line(first)).toMatchObject({ socketsLost: true });
    const failed = await start(specs);
    expect(failed.exit?.error).toContain(
      'instances of this app that an earlier runner started hold it until they end',
    );
    await stop(first);
    const second = await start(specs);
    expect(await ask(port)).toMatchObject({ id: second.nonce });
    expect((await line(second))?.socketsLost).toBeUndefined();
  });

  test('only the one that kept its sockets was killed: another one has them', async () => {
    const [port, specs] = await sockets();
    const first = await start(specs);
    const holder = await keeperOf(port);
    process.kill(holder, 'SIGKILL');
    await eventually(() => rig.holder() !== holder);
    await keeperOf(port);
    await rig.killRunner();
    await rig.startRunner();
    await untilKept(first);
  });

  test('one that kept its sockets and comes late is still met', async () => {
    const [port, specs] = await sockets();
    const first = await start(specs);
    const holder = await keeperOf(port);
    process.kill(holder, 'SIGSTOP');
    await rig.killRunner();
    await rig.startRunner();
    await eventually(async () => (await line(first))?.socketsLost === true);
    process.kill(holder, 'SIGCONT');
    await untilKept(first);
    await stop(first);
    const waiting = ask(port);
    const second = await start(specs);
    expect(await waiting).toMatchObject({ id: second.nonce });
    expect(rig.holder()).toBe(holder);
  });

  test('one that was told to end is given nothing more: another takes its place', async () => {
    const [former, formerSpecs] = await sockets();
    const first = await start(formerSpecs);
    const holder = await keeperOf(former);
    process.kill(holder, 'SIGSTOP');
    await keep({});
    await stop(first);
    const [port, specs] = await sockets();
    await start(specs);
    expect(await keeperOf(port)).not.toBe(holder);
  });

  test('the one that keeps the sockets ends with the last of them', async () => {
    const [port, specs] = await sockets();
    const first = await start(specs);
    await keeperOf(port);
    await keep({});
    await stop(first);
    await eventually(() => rig.holder() === null);
  });
});

test('the files of Unix sockets go when the runner ends, and so does the one that kept them', async () => {
  const own = await RunnerRig.start({ holder: true });
  try {
    const file = join(own.folder, 'a.sock');
    const spec = own.spec({ file: 'sleep', args: ['100'], sockets: [socket(path(file))] });
    await own.client.spawn(spec);
    await eventually(() => own.holder() !== null);
    await own.client.call({
      kind: 'stop',
      spec: { nonce: spec.nonce, signal: 'SIGKILL', tree: true, graceMs: 1_000 },
    });
    await own.client.nextState(spec.nonce, 'exited');
    await own.client.call({ kind: 'shutdown' });
    await own.runnerEnd();
    expect(existsSync(file)).toBe(false);
    await eventually(() => own.holder() === null);
  } finally {
    await own.close();
  }
});

const isRoot = process.getuid?.() === 0;
test.skipIf(!isRoot)(
  'a Unix socket belongs to the user that is named, and to the group of that user',
  async () => {
    const file = join(rig.folder, 'owned.sock');
    const place = { kind: 'path', path: file, mode: 0o640, uid: 'nobody', gid: null } as const;
    const instance = await start([socket(place)]);
    expect(instance.exit).toBeNull();
    const nobody = Number(spawnSync('id', ['-g', 'nobody']).stdout);
    const { uid, gid, mode } = statSync(file);
    expect({ uid: uid > 0, gid, mode: mode & 0o777 }).toEqual({ uid: true, gid: nobody, mode: 0o640 });
    const failed = await start([socket({ ...place, path: join(rig.folder, 'b.sock'), uid: 'no-such-user' })]);
    expect(failed.exit?.error).toContain('there is no user "no-such-user"');
  },
);

test('another runner that takes over has the sockets, and later processes join', async () => {
  const port = await freePort();
  const specs = [socket(tcp(port))];
  const first = await start(specs);
  await rig.upgrade();
  expect(await line(first)).toMatchObject({ sockets: [`127.0.0.1:${port}`] });
  expect((await line(first))?.socketsLost).toBeUndefined();
  const second = await start(specs);
  await stop(first);
  expect(await ask(port)).toMatchObject({ id: second.nonce });
  // The holder has come along.
  await rig.killRunner();
  await rig.startRunner();
  await untilKept(second);
});

async function inodeOf(port: number): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const rows = (await readFile('/proc/net/tcp', 'utf8')).split('\n').map((row) => row.trim().split(/\s+/));
  const row = rows.find(([, local, , state]) => local?.endsWith(`:${hex}`) === true && state === '0A');
  return row?.[9] ?? '';
}

function fdsOf(pid: number): readonly string[] {
  return Array.from({ length: 64 }, (_, fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
}
