import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Host } from '../../support/host.ts';

const host = new Host();

beforeAll(async () => {
  host.write(
    'echo.js',
    `require('node:readline').createInterface({ input: process.stdin })
       .on('line', (line) => console.log(process.env.STATEWARD_SLOT + ' got ' + line));`,
  );
  host.write('deaf.js', 'setInterval(() => undefined, 1e6)');
  host.declare(
    {
      name: 'echo',
      script: './echo.js',
      instances: 2,
      exec_mode: 'fork',
      env: { DB_PASSWORD: 'hunter2-hush' },
    },
    { name: 'deaf', script: './deaf.js' },
    { name: 'none', script: './deaf.js', stdin: 'null' },
  );
  await host.ok('apply');
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

function written(slot: number): string {
  const file = join(host.home, `logs/shop/echo-out-${slot}.log`);
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

describe.runIf(process.platform === 'linux')('attach', () => {
  it.each([
    ['echo:1 by its slot', ['echo:1'], 1],
    ['echo 0 by its slot as a word', ['shop/echo', '0'], 0],
    ['an id', ['1'], 1],
  ])('sends lines to the input of %s, and to no other', async (_name, words, slot) => {
    const line = `to ${words.join(' ')}`;
    const ran = await host.run(['attach', ...words], { input: `${line}\nlast` });
    expect(ran).toMatchObject({ code: 0, stdout: '', stderr: '' });
    await eventually(() => written(slot).includes(`${slot} got ${line}\n${slot} got last\n`));
    expect(written(1 - slot)).not.toContain(line);
  });

  it('asks which one is meant, where there are several', async () => {
    const ran = await host.run(['attach', 'echo'], { input: 'x\n' });
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain('attach to one of them: shop/echo:0, shop/echo:1');
  });

  it('says so where nobody reads, in bounded time, and where there is no input', async () => {
    const much = 'x'.repeat(200_000);
    const deaf = await host.run(['attach', 'deaf'], { input: much, limitMs: 30_000 });
    expect(deaf.code).toBe(1);
    expect(deaf.stderr).toContain('shop/deaf:0 does not read its input: it is full');
    const none = await host.run(['attach', 'none'], { input: 'x\n' });
    expect(none.stderr).toContain('shop/none:0 has no input: its file says stdin: null');
    await host.ok('stop', 'deaf');
    expect((await host.run(['attach', 'deaf'], { input: 'x\n' })).stderr).toContain(
      'no process of deaf runs',
    );
  });
});

describe('report', () => {
  it('has versions, checks, apps and the end of the log, and no secret', async () => {
    const { stdout } = await host.ok('report');
    for (const title of ['Versions', 'Checks', 'Daemon', 'Apps', 'Events', 'End of daemon.log']) {
      expect(stdout).toContain(`## ${title}\n`);
    }
    expect(stdout).toContain('"DB_PASSWORD": "<redacted>"');
    expect(stdout).not.toContain('hunter2-hush');
  });

  it('is printed without a daemon too, and says that none runs', async () => {
    const ran = await host.run(['report'], { env: { STATEWARD_HOME: join(host.folder, 'nowhere') } });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain('DAEMON_UNREACHABLE');
  });
});
