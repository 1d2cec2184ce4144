import { describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import { Host } from '../support/host.ts';

describe('an app that serves files', () => {
  it('serves what is on disk now, has no code of its own, and is reloaded without a gap', async () => {
    const port = await freePort();
    await using host = new Host();
    host.write('package.json', '{}');
    host.write('public/index.html', 'one');
    host.declare({ name: 'site', instances: 2, serve: { path: './public', port, host: '127.0.0.1' } });
    await host.ok('apply');
    const answer = async (): Promise<string> => (await fetch(`http://127.0.0.1:${port}/`)).text();
    expect(await answer()).toBe('one');
    const before = await host.pids();
    host.write('public/index.html', 'two');
    host.write('other.js', '// newer');
    expect((await host.ok('apply')).stderr).toBe('Nothing to do, 1 unchanged. 0 processes touched.\n');
    expect([await answer(), await host.pids()]).toEqual(['two', before]);
    const load = { isOver: false, answers: new Set<string>() };
    const asking = (async () => {
      while (!load.isOver) load.answers.add(await answer().catch(String));
    })();
    await host.ok('reload', 'site');
    load.isOver = true;
    await asking;
    expect([...load.answers]).toEqual(['two']);
    expect(await host.pids()).not.toEqual(before);
  });
});
