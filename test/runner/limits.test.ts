import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ActivationSockets } from '../../src/runner/activation/activation-sockets.ts';
import { Cgroups } from '../../src/runner/cgroup/cgroup.ts';
import { systemClock } from '../../src/lib/clocks/clock.ts';
import { FifoPool } from '../../src/runner/output/fifo-pool.ts';
import { hostProcesses } from '../../src/runner/processes/host-processes.ts';
import { InstanceTable } from '../../src/runner/instances/instance-table.ts';
import { recordsOf, type LedgerRecord } from '../../src/runner/ledger/ledger-record.ts';
import { replayLedger } from '../../src/runner/ledger/replay-ledger.ts';
import { LogStore } from '../../src/runner/logs/log-store.ts';
import type { SpawnSpec } from '../../src/runner/protocol/orders.ts';
import { NotifyListener } from '../../src/runner/notify/notify-listener.ts';
import { Grants } from '../../src/runner/tuning/grants.ts';
import { SurvivorSearch } from '../../src/runner/instances/survivors.ts';
import { eventually } from '../support/eventually.ts';
import { FakeCgroups } from '../support/runner/fake-cgroups.ts';
import { labels, noLogs } from '../support/runner/labels.ts';

/** A process table with real processes and a cgroup tree that is none. */
function rig(tree: FakeCgroups) {
  const folder = mkdtempSync(join(tmpdir(), 'stw-lim-'));
  mkdirSync(join(folder, 'io'));
  const processes = hostProcesses();
  const records: LedgerRecord[] = [];
  const log = (): void => undefined;
  const clock = systemClock;
  const pool = new FifoPool(join(folder, 'io'), 'test');
  const keeper = { hold: log, drop: log, settled: Promise.resolve() };
  const activation = new ActivationSockets({
    ...{ keeper, instances: () => [], publishInstance: log, ownerOf: () => null },
  });
  const table = new InstanceTable({
    activation,
    clock,
    processes,
    pool,
    log,
    search: new SurvivorSearch(processes, clock),
    output: {
      store: new LogStore({
        clock,
        log,
        folder: '/none',
        streams: { stdout: '/none/1', stderr: '/none/2' },
        changed: log,
      }),
      clock,
      folder: join(folder, 'io'),
      readBuffer: Buffer.alloc(4096),
    },
    host: { user: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }, env: {} },
    cgroups: new Cgroups({ host: tree.host, clock, log }),
    grants: new Grants(clock),
    notify: new NotifyListener({
      ...{ clock, log },
      instances: () => [],
      record: () => Promise.resolve(),
      publishInstance: log,
    }),
    mark: () => '',
    run: () => {
      throw new Error('nothing is run for an instance here');
    },
    record: (record) => {
      records.push(record);
      return Promise.resolve();
    },
    publish: log,
  });
  const spec = (file: string, args: readonly string[] = []): SpawnSpec => ({
    nonce: randomUUID(),
    labels,
    logs: noLogs,
    file,
    args,
    cwd: folder,
    env: { PATH: process.env.PATH ?? '' },
    uid: null,
    gid: null,
    limits: { memoryBytes: 1e9, cpus: null, pids: null },
  });
  return { table, spec, records, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

test('a limited process that ignores its stop is killed by its cgroup too, which goes with it', async () => {
  using tree = new FakeCgroups();
  using host = rig(tree);
  const spec = host.spec('sh', ['-c', 'trap "" TERM; : > deaf; while :; do sleep 1000; done']);
  const { nonce, limits } = await host.table.spawn(spec);
  expect(limits).toEqual({ state: 'set', message: 'memory.max 1000000000' });
  const cgroup = join(tree.own, 'stateward', nonce);
  expect(existsSync(cgroup)).toBe(true);
  await eventually(() => existsSync(join(spec.cwd, 'deaf')));
  host.table.stop({ nonce, signal: 'SIGTERM', tree: true, graceMs: 1 });
  await eventually(() => host.table.list()[0]?.state === 'exited');
  expect(tree.writes).toContain(`stateward/${nonce}/cgroup.kill 1`);
  expect(existsSync(cgroup)).toBe(false);
});

test('a program that is not there is still a failed start, and leaves no cgroup', async () => {
  using tree = new FakeCgroups();
  using host = rig(tree);
  // By its path: a folder of PATH that may not be entered would make it EACCES.
  const { state, exit, nonce } = await host.table.spawn(host.spec('/usr/bin/no-such-program'));
  expect([state, exit?.error]).toEqual(['exited', expect.stringMatching(/^spawn: ENOENT/)]);
  expect(existsSync(join(tree.own, 'stateward', nonce))).toBe(false);
});

test('the next runner knows of the cgroup of a process that it takes over', async () => {
  using tree = new FakeCgroups();
  using host = rig(tree);
  const { nonce } = await host.table.spawn(host.spec('true'));
  const lines = host.records.filter(({ kind }) => kind !== 'exit').map((record) => JSON.stringify(record));
  const [entry] = replayLedger(lines.join('\n')).entries;
  expect(entry?.limits?.cgroup).toBe(join(tree.own, 'stateward', nonce));
  expect(recordsOf(entry as NonNullable<typeof entry>)[1]).toMatchObject({ limits: { state: 'set' } });
  await eventually(() => host.table.list()[0]?.state === 'exited');
});
