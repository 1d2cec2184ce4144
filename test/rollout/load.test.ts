import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { Host } from '../support/host.ts';
import { LoadClients } from './load-clients.mjs';

const RELOADS = 3;
/** A host that is at work otherwise takes its time. */
const TIMEOUT_MS = 180_000;

async function versionServed(port: number): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
  return (await response.text()).split(' ')[1] ?? '';
}

describe('reload under load, of a cluster app', () => {
  test.each(['no-handler', 'close-handler', 'express', 'fastify'])(
    '%s: no request fails, and all are answered by the new version then',
    { timeout: TIMEOUT_MS },
    async (name) => {
      await using host = new Host();
      const port = await freePort();
      const versionFile = host.write('version', '0');
      host.declare({
        name: 'web',
        script: fileURLToPath(new URL(`apps/${name}.cjs`, import.meta.url)),
        exec_mode: 'cluster',
        instances: 2,
        env: { PORT: String(port), VERSION_FILE: versionFile },
      });
      await host.ok('apply');
      const load = await LoadClients.start(port);
      try {
        for (let version = 1; version <= RELOADS; version++) {
          const before = (await host.pids()).web ?? [];
          host.write('version', String(version));
          await host.ok('reload', 'web');
          const after = (await host.pids()).web ?? [];
          expect(after).toHaveLength(2);
          expect(after.filter((pid) => before.includes(pid))).toEqual([]);
          expect(await versionServed(port)).toBe(String(version));
        }
        const { failed, failures, requests, versions } = await load.stop();
        expect({ failed, failures }).toEqual({ failed: 0, failures: [] });
        expect(requests).toBeGreaterThan(100);
        expect(Object.keys(versions)).toEqual(['0', '1', '2', '3']);
      } finally {
        load.kill();
      }
    },
  );
});
