import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { ProbePorts } from '../../../src/triggers/probes/probe-ports.ts';
import type { Driver, DriverEvent } from '../../../src/driver/driver.ts';
import { err, ok } from '../../../src/lib/result.ts';
import type { ObservedInstance } from '../../../src/plan/model/observed.ts';
import { httpCheck } from '../../../src/triggers/probes/checks/http-check.ts';
import { tcpCheck } from '../../../src/triggers/probes/checks/tcp-check.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { makeApp, makeInstance } from '../../plan/fixtures.ts';

const APP = makeApp('web');
const PORT = 3000;
const signal = new AbortController().signal;

function rig(instances: readonly Partial<ObservedInstance>[], canSend = true) {
  const clock = new FakeClock();
  let hears = true;
  const listeners = new Set<(event: DriverEvent) => void>();
  const asked: unknown[] = [];
  const driver = {
    instancesOf: (): readonly ObservedInstance[] => instances.map((fields) => makeInstance(APP, fields)),
    send: (nonce: string, message: unknown): ReturnType<Driver['send']> => {
      asked.push([nonce, message]);
      if (!hears) return new Promise(() => undefined);
      return Promise.resolve(canSend ? ok(undefined) : err({ code: 'refused', message: 'no channel' }));
    },
    subscribe: (listener: (event: DriverEvent) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const probePorts = new ProbePorts(driver, clock);
  const hang = (): void => void (hears = false);
  const say = (nonce: string, message: unknown): void => {
    for (const listener of listeners) listener({ kind: 'message', nonce, message });
  };
  const find = (nonce: string, by = signal) => probePorts.find({ key: APP.key, nonce, port: PORT }, by);
  return { asked, clock, find, hang, say };
}

const old = { nonce: 'old', listening: ['127.0.0.1:3000'] };

describe('the way to one process that shares its port', () => {
  it('is the port of its own that it names', async () => {
    const { asked, find, say } = rig([old, { nonce: 'new', listening: ['[::]:80', '[::]:3000'] }]);
    const probePort = find('new');
    say('old', { cmd: 'NODE_STATEWARD_PROBE_PORT', port: PORT, probePort: 1 });
    say('new', { cmd: 'NODE_STATEWARD_PROBE_PORT', port: 80, probePort: 2 });
    say('new', { cmd: 'NODE_STATEWARD_PROBE_PORT', port: PORT, probePort: 4711 });
    expect(await probePort).toEqual({ kind: 'port', port: 4711 });
    expect(asked).toEqual([['new', { cmd: 'NODE_STATEWARD_PROBE_PORT', port: PORT }]]);
  });

  it('is not listening while others listen and it does not', async () => {
    expect(await rig([old, { nonce: 'new', listening: [] }]).find('new')).toEqual({ kind: 'not-listening' });
    expect(await rig([old, { nonce: 'new', listening: ['[::]:13000'] }]).find('new')).toEqual({
      kind: 'not-listening',
    });
  });

  it.each([
    ['it is alone', [{ ...old, nonce: 'new' }], true],
    [
      'the other one has ended',
      [
        { ...old, state: 'exited' as const },
        { ...old, nonce: 'new' },
      ],
      true,
    ],
    [
      'the port is shared by nobody',
      [
        { nonce: 'old', listening: [] },
        { nonce: 'new', listening: [] },
      ],
      true,
    ],
    ['it shares no sockets', [old, { nonce: 'new' }], true],
    ['nobody can ask it', [old, { ...old, nonce: 'new' }], false],
  ])('is the usual one when %s', async (_when, instances, canSend) => {
    expect(await rig(instances, canSend).find('new')).toEqual({ kind: 'none' });
  });

  it('is the usual one when its agent knows none', async () => {
    const { find, say } = rig([old, { ...old, nonce: 'new' }]);
    const probePort = find('new');
    say('new', { cmd: 'NODE_STATEWARD_PROBE_PORT', port: PORT, probePort: null });
    expect(await probePort).toEqual({ kind: 'none' });
  });

  it('is the one that it named last while the runner passes nothing on', async () => {
    const { clock, find, hang, say } = rig([old, { ...old, nonce: 'new' }]);
    const first = find('new');
    say('new', { cmd: 'NODE_STATEWARD_PROBE_PORT', port: PORT, probePort: 4711 });
    await first;
    hang();
    const next = find('new');
    clock.advance(1_000);
    expect(await next).toEqual({ kind: 'port', port: 4711 });
  });

  it('is not waited for longer than the probe may take', async () => {
    const abort = new AbortController();
    const probePort = rig([old, { ...old, nonce: 'new' }]).find('new', abort.signal);
    abort.abort();
    expect(await probePort).toEqual({ kind: 'none' });
  });
});

describe('a probe', () => {
  const servers: ReturnType<typeof createServer>[] = [];
  afterEach(() => {
    for (const server of servers.splice(0)) server.close();
  });

  async function serve(status: number, hosts: string[]): Promise<number> {
    const server = createServer((request, response) => {
      hosts.push(request.headers.host ?? '');
      response.writeHead(status).end();
    });
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  }

  it('judges the process behind the probe port, and names the address of the file', async () => {
    const hosts: string[] = [];
    const [good, bad] = [await serve(200, hosts), await serve(503, hosts)];
    const http = { host: '127.0.0.1', port: good, path: '/healthz' };
    const check = httpCheck(http, () => Promise.resolve({ kind: 'port', port: bad }));
    expect(await check(signal)).toEqual({
      ok: false,
      text: `GET http://127.0.0.1:${good}/healthz answered 503`,
    });
    expect(hosts).toEqual([`127.0.0.1:${good}`]);
  });

  it('fails at a port that the process does not listen on, whoever else listens', async () => {
    const address = { host: '127.0.0.1', port: await serve(200, []) };
    const findProbePort = () => Promise.resolve({ kind: 'not-listening' } as const);
    const text = `it does not listen on port ${address.port} yet`;
    expect(await httpCheck({ ...address, path: '/' }, findProbePort)(signal)).toEqual({ ok: false, text });
    expect(await tcpCheck(address, findProbePort)(signal)).toEqual({ ok: false, text });
    expect(await tcpCheck(address, () => Promise.resolve({ kind: 'none' }))(signal)).toEqual({ ok: true });
  });
});
