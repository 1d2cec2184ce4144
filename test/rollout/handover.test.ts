import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { Host } from '../support/host.ts';
import { LoadClients } from './load-clients.mjs';

/** A host that is at work otherwise takes its time. */
const TIMEOUT_MS = 180_000;
/** Clients whose requests the crashed process may have had. */
const CLIENTS = 100;
/** How a request ends that the process died with. */
const CUT = /^(ECONNRESET|EPIPE|socket hang up)/;

/** A host with a cluster app of two instances that serves. */
async function served(): Promise<{ readonly host: Host; readonly port: number }> {
  const host = new Host();
  const port = await freePort();
  const versionFile = host.write('version', '0');
  host.declare({
    name: 'web',
    script: fileURLToPath(new URL('apps/no-handler.cjs', import.meta.url)),
    exec_mode: 'cluster',
    instances: 2,
    env: { PORT: String(port), VERSION_FILE: versionFile },
  });
  await host.ok('apply');
  return { host, port };
}

async function status(host: Host) {
  const ran = await host.run(['daemon', 'status', '-o', 'json']);
  return ran.code === 0 ? (JSON.parse(ran.stdout) as Awaited<ReturnType<Host['daemon']>>) : undefined;
}

/** Kills the runner, and with it the controller if told to, and waits for the next ones. */
async function kill(host: Host, ...who: readonly ('runner' | 'controller')[]): Promise<void> {
  const before = await host.daemon();
  for (const name of who) process.kill(before[name]?.pid ?? 0, 'SIGKILL');
  if (who.includes('controller')) await host.ok('daemon', 'start');
  await eventually(async () => {
    const after = await status(host);
    return who.every((name) => after?.[name] != null && after[name].pid !== before[name]?.pid);
  });
}

async function pidsOf(host: Host): Promise<readonly number[]> {
  return ((await host.pids()).web ?? []).filter((pid) => pid !== null);
}

test.each([
  ['the runner', ['runner'] as const],
  ['runner and controller', ['runner', 'controller'] as const],
])(
  'under load, after %s was killed: a rollout, a crash and more instances cost no request that no process died with',
  { timeout: TIMEOUT_MS },
  async (_, who) => {
    const { host, port } = await served();
    await using _host = host;
    const load = await LoadClients.start(port);
    try {
      const first = await pidsOf(host);
      await kill(host, ...who);
      expect(await pidsOf(host)).toEqual(first);

      host.write('version', '1');
      expect((await host.ok('reload', 'web')).text).not.toContain('gap');
      const second = await pidsOf(host);
      expect(second.filter((pid) => first.includes(pid))).toEqual([]);
      const { failed: before, failures } = await load.count();
      expect({ failed: before, failures }).toEqual({ failed: 0, failures: [] });

      await kill(host, 'runner');
      process.kill(second[0] ?? 0, 'SIGKILL');
      const third = await eventually(async () => {
        const pids = await pidsOf(host);
        return pids.length === 2 && !pids.includes(second[0] ?? 0) && pids;
      });
      expect(third).toContain(second[1]);
      await host.ok('scale', 'web', '4');
      const fourth = await pidsOf(host);
      expect(fourth).toHaveLength(4);
      expect(fourth).toEqual(expect.arrayContaining([...third]));
      const answered = new Set<number>();
      await eventually(async () => {
        const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
        answered.add(Number((await response.text()).split(' ')[3]));
        return answered.size === 4;
      });
      expect([...answered].sort()).toEqual([...fourth].sort());

      const end = await load.stop();
      expect(end.requests).toBeGreaterThan(1_000);
      expect(Object.keys(end.versions)).toEqual(['0', '1']);
      expect(Object.keys(end.kinds).filter((kind) => !CUT.test(kind))).toEqual([]);
      expect(end.failed).toBeLessThanOrEqual(CLIENTS);
      const { items } = await host.apps();
      expect(items[0]?.status).toMatchObject({ sync: 'Synced', health: 'Healthy' });
      expect(items[0]?.status.instances.map(({ restarts }) => restarts)).toEqual([1, 0, 0, 0]);
    } finally {
      load.kill();
    }
  },
);
