import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { Host } from '../support/host.ts';

const TIMEOUT_MS = 120_000;

/** Says which slot answers; a file `bad-SLOT` beside it makes that one unready. */
const APP = `
const { existsSync } = require('node:fs');
const slot = process.env.NODE_APP_INSTANCE;
require('node:http').createServer((request, response) => {
  response.statusCode = request.url === '/healthz' && existsSync(__dirname + '/bad-' + slot) ? 503 : 200;
  response.end(slot);
}).listen(Number(process.env.PORT), '127.0.0.1');`;

test(
  'an instance that turns unready takes no connections while another is ready, and that is shown',
  { timeout: TIMEOUT_MS },
  async () => {
    await using host = new Host();
    const port = await freePort();
    const path = host.write('app.cjs', APP);
    host.declare({
      ...{ name: 'web', script: path, exec_mode: 'cluster', instances: 2, env: { PORT: String(port) } },
      readiness: { http: { port, path: '/healthz' }, period: '100ms', timeout: '30s', failure_threshold: 1 },
    });
    await host.ok('apply');
    const accepting = async (slot: number): Promise<boolean> => {
      const { items } = await host.apps();
      return items[0]?.status.instances.find((one) => one.slot === slot)?.accepting !== false;
    };
    const slots = async (count: number): Promise<readonly string[]> => {
      const found = new Set<string>();
      for (let i = 0; i < count; i++) {
        const response = await fetch(`http://127.0.0.1:${port}/`, { headers: { connection: 'close' } });
        found.add(await response.text());
      }
      return [...found].sort();
    };

    const bad = host.write('bad-0', '');
    await eventually(async () => !(await accepting(0)));
    expect(await slots(30)).toEqual(['1']);
    expect((await host.ok('describe', 'web')).stdout).toContain('no (others take its connections)');
    expect((await host.run(['why', 'web'])).stdout).toContain('; other instances take its connections');

    host.write('bad-1', '');
    await eventually(() => accepting(0));
    expect(await slots(1)).toHaveLength(1);

    rmSync(bad);
    await eventually(async () => !(await accepting(1)));
    expect(await slots(30)).toEqual(['0']);
    rmSync(`${host.folder}/bad-1`);
    await eventually(() => accepting(1));
    await eventually(async () => (await slots(10)).length === 2);
  },
);
