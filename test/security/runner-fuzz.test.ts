import { connect, type Socket } from 'node:net';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ClusterRig } from '../support/runner/cluster-rig.ts';
import { RunnerClient } from '../support/runner/runner-client.ts';
import { eventually } from '../support/eventually.ts';
import { jsonOf, NASTY_VALUES, Random, runs, SEED } from './fuzz/random.ts';
import { askMeanwhile, held, MEANWHILE_MS, p99 } from './fuzz/watched-process.ts';

const PATIENCE_MS = 15_000;
const MEMORY_MB = 150;

let rig: ClusterRig;
let pid: number;
let before: ReturnType<typeof held>;

beforeAll(async () => {
  rig = await ClusterRig.start();
  pid = rig.runner.runner.pid ?? 0;
  // Two of them have shared code paths warm, and one stays.
  await rig.app(`say('up'); setInterval(() => undefined, 1e6);`, { name: 'stays' });
  before = held(pid);
});
afterAll(() => rig.close());

const list = (): Promise<unknown> => rig.client.list();

interface Sent {
  /** What came until the other side hung up. */
  readonly text: string;
  readonly socket: Socket;
}

/** Sends bytes and waits for the other side to hang up; `end`: hangs up first. */
function exchange(path: string, bytes: Buffer, { end = true } = {}): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(path);
    const limit = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no end of ${JSON.stringify(bytes.toString('latin1').slice(0, 300))}`));
    }, PATIENCE_MS);
    socket.on('data', (chunk: Buffer) => chunks.push(chunk));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(limit);
      resolve({ text: Buffer.concat(chunks).toString(), socket });
    });
    socket.write(bytes);
    if (end) socket.end();
  });
}

/** Every answer says what is wrong, and none that we were. */
function expectTyped(text: string): void {
  for (const line of text.split('\n').filter(Boolean)) {
    const frame = JSON.parse(line) as { readonly ok?: boolean; readonly error?: { readonly code: string } };
    if (frame.ok === false) expect(frame.error?.code).toMatch(/^[a-z-]+$/);
  }
}

const line = (value: unknown): string => `${jsonOf(value)}\n`;

function requests(): readonly Record<string, unknown>[] {
  const spec = rig.runner.spec({ nonce: 'never-to-be-started', file: '/nowhere/program' });
  return [
    { id: 1, kind: 'hello', protocol: 1, version: 'x', controller: false },
    { id: 2, kind: 'list' },
    { id: 3, kind: 'spawn', spec },
    { id: 4, kind: 'stop', spec: { nonce: 'unknown', signal: 'SIGTERM', tree: true, graceMs: 1 } },
    { id: 5, kind: 'signal', nonce: 'unknown', signal: 'SIGCONT', tree: false },
    { id: 6, kind: 'send', nonce: 'unknown', message: { a: 1 } },
    { id: 7, kind: 'update', nonce: 'unknown', labels: spec.labels, logs: spec.logs },
    { id: 8, kind: 'tail', nonce: 'unknown' },
    { id: 9, kind: 'forget', nonce: 'unknown' },
  ];
}

describe(`the socket of the runner, SEED=${SEED},`, () => {
  const random = new Random();

  it('refuses requests that are wrong with a code, and meets the others meanwhile', async () => {
    const stop = askMeanwhile(list);
    for (let times = runs(40); times > 0; times--) {
      const wrong = Array.from({ length: 8 }, () => random.altered(random.of(requests())));
      const bytes =
        line(requests()[0]) +
        wrong
          .filter((one) => !isDangerous(one))
          .map(line)
          .join('');
      const { text } = await exchange(rig.runner.socketPath, Buffer.from(bytes));
      expectTyped(text);
    }
    expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
    expect(({} as { readonly polluted?: unknown }).polluted).toBeUndefined();
  });

  it('refuses bytes that are no requests, cut, doubled and out of order', async () => {
    const stop = askMeanwhile(list);
    for (let times = runs(60); times > 0; times--) {
      const whole = requests()
        .filter(() => random.chance(0.6))
        .toSorted(() => random.next() - 0.5);
      const bytes = random.mutated(Buffer.from(whole.map(line).join('')));
      if (/park|shutdown|reopen/.test(bytes.toString('latin1'))) continue;
      const { text } = await exchange(rig.runner.socketPath, bytes);
      expectTyped(text);
    }
    expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
  });

  it('lets whoever sends a line of a gigabyte go, and holds none of it', async () => {
    const socket = connect(rig.runner.socketPath);
    socket.on('error', () => undefined);
    const stop = askMeanwhile(list);
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    let sent = 0;
    while (!socket.destroyed && sent < 1024) {
      sent += 1;
      if (!socket.write(chunk)) {
        await Promise.race([
          new Promise((resolve) => socket.once('drain', resolve)),
          new Promise((resolve) => socket.once('close', resolve)),
        ]);
      }
    }
    expect(sent).toBeLessThan(64);
    expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
  });

  it('serves others while hundreds of connections send half lines', async () => {
    const slow = Array.from({ length: 300 }, (): Socket => {
      const socket = connect(rig.runner.socketPath).on('error', () => undefined);
      socket.write('{"id":1,"kind":');
      return socket;
    });
    try {
      const stop = askMeanwhile(list);
      await eventually(() => slow.filter(({ destroyed, closed }) => destroyed || closed).length >= 230);
      expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
      const client = await eventually(() =>
        RunnerClient.connect(rig.runner.socketPath, { controller: false }).catch(() => undefined),
      );
      expect(await client.list()).toBeInstanceOf(Array);
      client.close();
    } finally {
      for (const socket of slow) socket.destroy();
    }
  });
});

describe(`the socket where agents come, SEED=${SEED},`, () => {
  const random = new Random();
  const path = (): string => join(rig.runner.home, 'run/agents.sock');

  it('lets go of everybody who is not missed', async () => {
    const stop = askMeanwhile(list);
    const hellos = [
      line({ cmd: 'NODE_STATEWARD_HELLO', nonce: 'nobody' }),
      line({ cmd: 'NODE_STATEWARD_HELLO', nonce: '__proto__' }),
      line({ cmd: 'NODE_STATEWARD_HELLO', nonce: 'constructor' }),
      line({ cmd: 'NODE_STATEWARD_HELLO', nonce: { toString: 'x' } }),
      line({ cmd: 'NODE_STATEWARD_HOLD', id: 1 }),
    ];
    for (let times = runs(60); times > 0; times--) {
      const bytes = random.mutated(Buffer.from(random.of(hellos)));
      expect((await exchange(path(), bytes)).text).toBe('');
    }
    for (const hello of hellos) expect((await exchange(path(), Buffer.from(hello))).text).toBe('');
    expect((await exchange(path(), Buffer.alloc(1024 * 1024, 'x'), { end: false })).text).toBe('');
    expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
  });

  it('lets go of those who say nothing', async () => {
    const silent = Array.from({ length: 200 }, () => connect(path()).on('error', () => undefined));
    await eventually(() => silent.every(({ destroyed, closed }) => destroyed || closed));
  });
});

describe(`a hostile app, SEED=${SEED},`, () => {
  const random = new Random();

  it.each([false, true])('may write anything into its channel (shared: %s)', async (shared) => {
    const stop = askMeanwhile(list);
    const messages = [
      ...[
        'LISTEN',
        'LISTENING',
        'CLOSED',
        'HOLD',
        'HANDED',
        'READY',
        'PONG',
        'DRAINED',
        'HELLO',
        'WELCOME',
        'SOCKET',
        'PROBE_PORT',
        '',
      ].map((name) => ({
        cmd: `NODE_STATEWARD_${name}`,
        id: 1,
        nonce: 'of another',
        address: null,
        port: 1,
        addressType: 4,
        flags: 0,
        index: 0,
        data: {},
      })),
      { cmd: 'NODE_HANDLE', type: 'net.Native', msg: { cmd: 'NODE_STATEWARD_HOLD', id: 1 } },
      { cmd: 'NODE_HANDLE_ACK' },
      { cmd: 'NODE_HANDLE_NACK' },
      { cmd: 'NODE_CLUSTER', act: 'online' },
      { plain: 'message' },
    ];
    const corpus = Array.from({ length: runs(200) }, () => {
      const message = random.altered(random.of(messages));
      return random.chance(0.5) ? Buffer.from(line(message)) : random.mutated(Buffer.from(line(message)));
    });
    const file = join(rig.runner.folder, `corpus-${shared}`);
    writeFileSync(file, Buffer.concat(corpus));
    const app = await rig.app(
      `const { readFileSync, writeSync } = require('node:fs');
       const bytes = readFileSync(${JSON.stringify(file)});
       let at = 0;
       const write = () => {
         try { at += writeSync(3, bytes, at, Math.min(4096, bytes.length - at)); } catch (error) {
           if (error.code !== 'EAGAIN') { console.log('done', error.code); return; }
         }
         if (at < bytes.length) setTimeout(write, 1); else console.log('done');
       };
       write();
       setInterval(() => undefined, 1e6);`,
      { shared, name: 'hostile' },
    );
    await eventually(
      async () => (await rig.client.list()).some(({ nonce, ready }) => nonce === app.nonce && ready) || true,
    );
    // It lives or has ended by itself; what it may not do is take others along.
    expect(p99(await stop())).toBeLessThan(MEANWHILE_MS);
    expect(await rig.client.list()).toContainEqual(expect.objectContaining({ state: 'running' }));
    await rig.stop(app);
  });

  it('may print anything', async () => {
    const file = join(rig.runner.folder, 'output');
    writeFileSync(
      file,
      Buffer.concat([random.bytes(200_000), Buffer.alloc(5_000_000, 'x'), Buffer.from('\nlast\n')]),
    );
    chmodSync(file, 0o644);
    const spec = rig.runner.spec({ file: 'sh', args: ['-c', `cat '${file}'; cat '${file}' >&2`] });
    const app = await rig.client.spawn(spec);
    await rig.client.nextState(app.nonce, 'exited');
    const { lines } = await rig.client.call({ kind: 'tail', nonce: app.nonce }, 'tail');
    expect(JSON.stringify(lines).length).toBeLessThan(1_000_000);
  });
});

describe('after all that', () => {
  it('the runner is the same, and holds no more than before', async () => {
    expect(rig.runner.runner.exitCode).toBeNull();
    await eventually(() => held(pid).descriptors <= before.descriptors + 5);
    expect(held(pid).megabytes - before.megabytes).toBeLessThan(MEMORY_MB);
    expect(await rig.runner.daemonLog()).not.toMatch(/internal error/);
    expect(NASTY_VALUES.length).toBeGreaterThan(0);
  });
});

/** What would be done, and is not to be tried here: whoever says that it is the controller takes our place. */
function isDangerous(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, controller } = value as { readonly kind?: unknown; readonly controller?: unknown };
  return kind === 'park' || kind === 'shutdown' || (kind === 'hello' && controller === true);
}
