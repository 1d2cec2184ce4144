import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { AgentApp } from '../support/agent-app.ts';
import { bundle } from '../support/bundle.ts';
import { nodes } from '../support/nodes.ts';

let agent: string;
let folder: string;
beforeAll(async () => {
  agent = await bundle('src/agent/main.ts');
});
beforeEach(async () => {
  folder = await mkdtemp('/tmp/stw-');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** With each message the app says how many scripts of the agent it has compiled: one is the preload itself. */
const counting = (file: string): string => `
  const { Session } = require('node:inspector');
  process.on('message', () => {
    const session = new Session();
    const urls = [];
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => urls.push(params.url));
    session.post('Debugger.enable');
    session.disconnect();
    process.send(urls.filter((url) => url.endsWith(${JSON.stringify(basename(file))})).length);
  });`;

describe.each(nodes)('what an app on %s loads of the agent', (node) => {
  test('is the preload alone until it is asked something, and then the rest, once', async () => {
    const app = await AgentApp.start(folder, counting(agent), { agent, node });
    app.send('count');
    expect(await app.message()).toBe(1);
    for (const id of [1, 2]) {
      app.send({ cmd: 'NODE_STATEWARD_PING', id });
      expect(await app.message()).toEqual({ cmd: 'NODE_STATEWARD_PONG', id });
    }
    app.send('count');
    expect(await app.message()).toBe(2);
    app.kill();
  });

  test('is the preload alone for one that prints', async () => {
    const source = `console.log('up');${counting(agent)}`;
    const app = await AgentApp.start(folder, source, { agent, node });
    expect(await app.line()).toBe('up');
    app.send('count');
    expect(await app.message()).toBe(1);
    app.kill();
  });

  test('is no module of Node that it would not have without', async () => {
    const source = `process.send(process.moduleLoadList);`;
    const none = join(folder, 'none.cjs');
    await writeFile(none, '');
    const [bare, loaded] = await Promise.all(
      [none, agent].map(async (preload) => {
        const app = await AgentApp.start(folder, source, { agent: preload, node });
        return (await app.message()) as string[];
      }),
    );
    expect(loaded?.filter((name) => bare?.includes(name) !== true)).toEqual([]);
  });
});
