import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Host } from '../../support/host.ts';
import { eventually } from '../../support/eventually.ts';

const APP = `const { appendFileSync } = require('node:fs');
const say = (what) => appendFileSync('order.txt', what + ' ' + process.env.STATEWARD_APP + '\\n');
say('up');
process.send('ready');
process.on('SIGINT', () => setTimeout(() => { say('down'); process.exit(0); }, 100));
setInterval(() => {}, 1e6);`;

async function applyChain(host: Host): Promise<void> {
  host.write('app.cjs', APP);
  const app = { script: './app.cjs', wait_ready: true };
  // Neither order of the file is that of the dependencies.
  host.declare(
    { ...app, name: 'api', depends_on: { db: { condition: 'ready', restart: true } } },
    { ...app, name: 'db' },
    { ...app, name: 'web', depends_on: ['api'] },
  );
  await host.ok('apply');
}

function order(host: Host): readonly string[] {
  return readFileSync(join(host.folder, 'order.txt'), 'utf8').trim().split('\n');
}

describe('dependencies', () => {
  it('come up in order, go down in reverse, and restart who asked for it', async () => {
    await using host = new Host();
    await applyChain(host);
    expect(order(host)).toEqual(['up db', 'up api', 'up web']);
    await host.ok('restart', 'db');
    const seen = await eventually(() => (order(host).length >= 7 ? order(host) : undefined));
    expect(seen.slice(3)).toEqual(['down db', 'up db', 'down api', 'up api']);
    await host.ok('stop', 'all');
    expect(order(host).slice(7)).toEqual(['down web', 'down api', 'down db']);
    await host.ok('start', 'all');
    await host.ok('daemon', 'stop', '--all');
    expect(order(host).slice(-3)).toEqual(['down web', 'down api', 'down db']);
  });

  it('that cannot get ready are named as what blocks an apply', async () => {
    await using host = new Host();
    host.write('app.cjs', 'setInterval(() => {}, 1e6);');
    const app = { script: './app.cjs', min_uptime: 50 };
    host.declare(
      { ...app, name: 'web', depends_on: ['api'] },
      { ...app, name: 'api', depends_on: ['db'] },
      { ...app, name: 'db', wait_ready: true },
    );
    const ran = await host.run(['apply', '--timeout', '2s']);
    expect(ran.code).toBe(4);
    expect(ran.stderr).toMatch(/shop\/db blocks shop\/api and shop\/web/);
    expect((await host.ok('why', 'web')).stdout).toMatch(/stateward why shop\/db/);
  });
});
