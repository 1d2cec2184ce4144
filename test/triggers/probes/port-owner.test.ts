import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { isLocalAddress, listenersFor, parseListenTable } from '../../../src/triggers/probes/listen-table.ts';
import { ownListenerCheck } from '../../../src/triggers/probes/own-listener.ts';
import { PortOwners, type PortOwner } from '../../../src/triggers/probes/port-owner.ts';
import { makeApp, makeInstance } from '../../plan/fixtures.ts';

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 101 1 0000000000000000
   1: 00000000:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 102 1 0000000000000000
   2: 0100007F:0BB8 0100007F:C001 01 00000000:00000000 00:00000000 00000000  1000        0 103 1 0000000000000000
`;
const TABLE6 = `  sl  local_address                         remote_address                        st
   0: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 201 1 0
   1: 00000000000000000000000001000000:0050 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 202 1 0
   2: 0000000000000000FFFF00000100007F:0051 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  0 0 203 1 0
`;

describe('the table of listening sockets', () => {
  const table = [...parseListenTable(TABLE), ...parseListenTable(TABLE6)];
  const inodes = (host: string, port: number): readonly string[] =>
    listenersFor(table, host, port).map(({ inode }) => inode);

  it('says who answers at an address: who is bound to it, before who is bound to any', () => {
    expect(inodes('127.0.0.1', 3000)).toEqual(['101']);
    expect(inodes('127.0.0.2', 3000)).toEqual(['102']);
    expect(inodes('::1', 3000)).toEqual(['201']);
    expect(inodes('localhost', 3000)).toEqual(['101', '201']);
    expect(inodes('127.0.0.1', 80)).toEqual([]);
    expect(inodes('localhost', 80)).toEqual(['202']);
    expect(inodes('127.0.0.1', 81)).toEqual(['203']);
  });

  it('has those of UDP that take packets from anybody', () => {
    const udp = `  sl  local_address rem_address   st
   0: 00000000:14E9 00000000:0000 07 00000000:00000000 00:00000000 00000000  0 0 301 2 0
   1: 0100007F:C350 0100007F:14E9 01 00000000:00000000 00:00000000 00000000  0 0 302 2 0
`;
    const packets = parseListenTable(udp, 'udp');
    expect(packets.map(({ inode, port }) => [inode, port])).toEqual([['301', 5353]]);
    expect(listenersFor(packets, 'localhost', 5353)).toHaveLength(1);
  });

  it('is asked only of addresses of this host', () => {
    expect(['127.0.0.1', '127.1.2.3', 'localhost', '::1', '0.0.0.0'].map(isLocalAddress)).not.toContain(
      false,
    );
    expect(['192.0.2.1', 'example.com'].map(isLocalAddress)).toEqual([false, false]);
  });
});

const LISTENER = `
  const server = require('net').createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.resume();
`;
const PARENT = `require('child_process').spawn(process.execPath, ['-e', process.env.LISTENER], {
  stdio: 'inherit', detached: process.env.DETACHED === '1' });
process.stdin.resume();`;

describe.runIf(process.platform === 'linux')('the owner of a port', () => {
  const children: ChildProcess[] = [];
  const servers: Server[] = [];
  afterEach(() => {
    // What they have started reads the same input, and ends with it too.
    for (const child of children.splice(0)) child.stdin?.end();
    for (const server of servers.splice(0)) server.close();
  });

  /** Starts a program that says the port it listens on. */
  async function start(
    code: string,
    env: Record<string, string> = {},
  ): Promise<{ pid: number; port: number }> {
    const child = spawn(process.execPath, ['-e', code], {
      env: {
        PATH: process.env.PATH,
        LISTENER: `${LISTENER} process.stdin.on('end', () => process.exit());`,
        ...env,
      },
      stdio: ['pipe', 'pipe', 'inherit'],
      detached: true,
    });
    children.push(child);
    const [text] = (await once(child.stdout, 'data')) as [Buffer];
    return { pid: child.pid ?? 0, port: Number(text.toString()) };
  }

  const listenerThatEnds = `${LISTENER} process.stdin.on('end', () => process.exit());`;
  const parentThatEnds = `${PARENT} process.stdin.on('end', () => process.exit());`;
  const find = (port: number, pid: number | null, nonce = 'n1'): Promise<PortOwner> =>
    new PortOwners(() => performance.now()).find({ host: '127.0.0.1', port, pid, nonce });

  it('is the instance, or what it has started, also in a session of its own', async () => {
    const main = await start(listenerThatEnds);
    expect(await find(main.port, main.pid)).toEqual({ kind: 'own' });
    const parent = await start(parentThatEnds);
    expect(await find(parent.port, parent.pid)).toEqual({ kind: 'own' });
    const escaped = await start(parentThatEnds, { DETACHED: '1', STATEWARD_INSTANCE: 'n2' });
    // Nothing but the mark leads from this process to that one.
    expect(await find(escaped.port, main.pid, 'n2')).toEqual({ kind: 'own' });
  });

  it('is a stranger with pid, command and mark, or nobody', async () => {
    const main = await start(listenerThatEnds);
    const other = await start(listenerThatEnds, { STATEWARD_INSTANCE: 'n9' });
    const isOther = { kind: 'stranger', pid: other.pid, nonce: 'n9' };
    expect(await find(other.port, main.pid)).toMatchObject(isOther);
    expect(await find(other.port, null)).toMatchObject(isOther);
    const server = createServer().listen(0, '127.0.0.1');
    servers.push(server);
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await find(port, main.pid)).toMatchObject({ kind: 'stranger', pid: process.pid, nonce: null });
    server.close();
    await once(server, 'close');
    expect(await find(port, main.pid)).toEqual({ kind: 'nobody' });
  });

  it('is not what it was when another takes the port over', async () => {
    const owners = new PortOwners(() => performance.now());
    const first = createServer().listen(0, '127.0.0.1');
    servers.push(first);
    await once(first, 'listening');
    const { port } = first.address() as AddressInfo;
    const query = { host: '127.0.0.1', port, pid: process.pid, nonce: 'n1' };
    expect(await owners.find(query)).toEqual({ kind: 'own' });
    first.close();
    await once(first, 'close');
    const child = spawn(
      process.execPath,
      [
        '-e',
        `require('net').createServer().listen(${port}, '127.0.0.1', () => console.log(1)); process.stdin.resume();
        process.stdin.on('end', () => process.exit())`,
      ],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    children.push(child);
    await once(child.stdout, 'data');
    // A child of this process is its own too: ask as somebody else.
    const main = await start(listenerThatEnds);
    expect(await owners.find({ ...query, pid: main.pid })).toMatchObject({
      kind: 'stranger',
      pid: child.pid,
    });
  });

  it('is not known without /proc, and not asked for elsewhere', async () => {
    const empty = mkdtempSync(join(tmpdir(), 'stw-proc-'));
    const owners = new PortOwners(() => 0, empty);
    const query = { port: 1, pid: process.pid, nonce: 'n1' };
    expect(await owners.find({ ...query, host: '127.0.0.1' })).toEqual({ kind: 'unknown' });
    expect(await owners.find({ ...query, host: 'db.example' })).toEqual({ kind: 'elsewhere' });
    rmSync(empty, { recursive: true });
  });
});

describe('a check of a port', () => {
  const app = makeApp('api');
  const signal = new AbortController().signal;

  async function outcome(owner: PortOwner, fields: Partial<ObservedInstance> = {}, answers = true) {
    const check = ownListenerCheck(
      () =>
        Promise.resolve(answers ? { ok: true } : { ok: false, text: 'it does not listen on port 3000 yet' }),
      {
        owners: { find: () => Promise.resolve(owner) },
        host: '127.0.0.1',
        port: 3000,
        minUptimeMs: 1_000,
        instance: () => makeInstance(app, { upMs: 100, ...fields }),
        appOf: (nonce) => (nonce === 'n9' ? { key: 'shop/web', slot: 2 } : undefined),
      },
    );
    return check(signal);
  }
  const stranger = { kind: 'stranger', pid: 12, command: 'python3 -m http.server 3000' } as const;

  it('counts at once when the instance answers, and at an address that is not of this host', async () => {
    expect(await outcome({ kind: 'own' })).toEqual({ ok: true });
    expect(await outcome({ kind: 'elsewhere' })).toEqual({ ok: true });
  });

  it('fails when another answers, and names it', async () => {
    expect(await outcome({ ...stranger, nonce: null })).toEqual({
      ok: false,
      text: 'port 3000 is held by process 12 (python3 -m http.server 3000), which is not of this instance',
    });
    expect(await outcome({ ...stranger, nonce: 'n9' })).toMatchObject({
      text: expect.stringContaining('slot 2 of shop/web') as string,
    });
  });

  it('counts only after min_uptime where nobody can tell', async () => {
    const early = await outcome({ kind: 'unknown' });
    expect(early).toMatchObject({
      ok: false,
      text: expect.stringContaining('counts after min_uptime') as string,
    });
    expect(await outcome({ kind: 'unknown' }, { upMs: 1_000 })).toEqual({ ok: true });
  });

  it('takes the word of the runner for sockets that are shared', async () => {
    const listening = ['127.0.0.1:3000'];
    expect(await outcome({ ...stranger, nonce: 'n9' }, { listening })).toEqual({ ok: true });
    expect(await outcome({ ...stranger, nonce: 'n9' }, { listening: [] }, false)).toMatchObject({
      text: 'it does not listen on port 3000 yet',
    });
  });
});
