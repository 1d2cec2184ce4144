import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Host } from '../support/host.ts';

const SLEEPER = 'setInterval(() => {}, 1e6);';

async function running(): Promise<Host> {
  const host = new Host();
  host.write('app.js', SLEEPER);
  host.declare(app('1'));
  await host.ok('apply');
  return host;
}

function app(value: string): Record<string, unknown> {
  return { name: 'api', script: './app.js', min_uptime: 50, env: { A: value } };
}

describe('apply --confirm-within', () => {
  it('goes back by itself, says so at once everywhere, and stays when it is confirmed', async () => {
    await using host = await running();
    host.declare(app('2'));
    const applied = await host.ok('apply', '--confirm-within', '10m');
    expect(applied.stderr).toMatch(
      /revision 2 of shop is on trial: in (?:10m|9m\d+s), at .*, it goes back to revision 1, unless it is confirmed: stateward apply --confirmed/,
    );
    for (const read of [['get'], ['why', 'api'], ['describe', 'api']])
      expect((await host.ok(...read)).stdout).toContain('OnTrial');
    const [listed] = (await host.apps()).items;
    expect(listed?.status.conditions).toContainEqual(
      expect.objectContaining({ type: 'Confirmed', status: 'False', reason: 'OnTrial' }),
    );
    expect((await host.ok('apply', '--confirmed')).stdout).toBe('shop  revision 2 is confirmed\n');
    expect((await host.ok('get')).stdout).not.toContain('OnTrial');
    const again = await host.run(['apply', '--confirmed']);
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('nothing waits for a confirmation');

    const back = await host.ok('rollback', 'shop', '--to', '1', '--confirm-within', '10m');
    expect(back.stderr).toMatch(/revision 3 of shop is on trial: .*it goes back to revision 2/);
    await host.ok('apply', '--confirmed');

    host.declare(app('3'));
    await host.run(['apply', '--confirm-within', '1', '--no-wait']);
    await eventually(async () =>
      (await host.ok('history', 'shop')).stdout.includes('take-back of revision 4'),
    );
    await host.ok('wait', 'api', '--for', 'ready');
    // Of what runs, only what is declared in the file is another.
    expect((await host.run(['diff'])).stdout).toMatch(/^- {2}A: "1"$/m);
  });

  it('puts nothing on trial where nothing changes, and takes no other work beside --confirmed', async () => {
    await using host = await running();
    expect((await host.ok('apply', '--confirm-within', '1s')).stderr).toContain('nothing is on trial');
    for (const args of [['--dry-run'], ['--confirm-within', '1s'], ['--only', 'api'], ['plan.json']]) {
      const ran = await host.run(['apply', '--confirmed', ...args]);
      expect(ran.stderr).toContain('--confirmed');
      expect(ran.code).toBe(64);
    }
    expect((await host.run(['apply', '--confirm-within', 'soon'])).code).toBe(64);
  });
});

describe('freeze', () => {
  it('refuses with 6 whatever would change the project, but for what is allowed, until it is lifted', async () => {
    await using host = await running();
    host.declare(app('2'));
    const before = await host.pids();
    await host.ok('freeze', 'shop', '--for', '1h', '--reason', 'launch', '--allow', 'reset,rollback');
    for (const args of [
      ['plan'],
      ['apply'],
      ['stop', 'api'],
      ['signal', 'USR2', 'api'],
      ['daemon', 'stop', '--all'],
    ]) {
      const ran = await host.run(args);
      expect([args, ran.code]).toEqual([args, 6]);
      expect(ran.stderr).toMatch(
        /frozen until .* by .* \(launch\)[^]*stateward unfreeze shop lifts it; allowed meanwhile: reset, rollback/,
      );
    }
    await host.ok('reset', 'api');
    expect(await host.pids()).toEqual(before);
    expect((await host.ok('get')).stdout).toContain('(ProjectFrozen)');
    expect((await host.ok('freeze')).stdout).toMatch(
      /^shop {2}frozen for .*: launch; allowed: reset, rollback\n$/,
    );
    // Another controller knows it too, and so does a command without one.
    await host.ok('daemon', 'stop');
    expect((await host.run(['plan'])).code).toBe(6);
    await host.ok('daemon', 'start');
    expect((await host.run(['apply'])).code).toBe(6);
    await host.ok('unfreeze', 'shop');
    expect((await host.ok('get')).stdout).not.toContain('ProjectFrozen');
    await host.ok('apply');
  });

  it('of everything also keeps what is new away; what is misspelt is told', async () => {
    await using host = await running();
    await host.ok('freeze', '--all');
    const started = await host.run(['start', join(host.folder, 'app.js'), '--name', 'other']);
    expect(started.code).toBe(6);
    await host.ok('unfreeze', '--all');
    const unknown = await host.run(['freeze', 'shopp']);
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('did you mean shop?')]);
    const verb = await host.run(['freeze', 'shop', '--allow', 'rollbak']);
    expect([verb.code, verb.stderr]).toEqual([64, expect.stringContaining('did you mean rollback?')]);
    expect((await host.run(['unfreeze', 'shop'])).code).toBe(1);
    expect((await host.run(['freeze', '--for', '1h'])).code).toBe(64);
  });
});

describe('audit', () => {
  it('names who did what, without a daemon too, and shows a line that was changed', async () => {
    await using host = await running();
    await host.ok('restart', 'api', '--no-wait');
    await host.ok('signal', 'CONT', 'api');
    await host.ok('daemon', 'stop');
    const { stdout } = await host.ok('audit', 'list');
    expect(stdout.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^1 {2}.*apply -f ecosystem\.yaml: revision 1 of shop \(create shop\/api\)$/),
      expect.stringMatching(/^2 {2}.*restart api \(shop\/api\)$/),
      expect.stringMatching(/^3 {2}.*signal SIGCONT: api$/),
      expect.stringMatching(/^4 {2}.*daemon stop$/),
    ]);
    expect((await host.ok('audit', 'verify')).stdout).toMatch(
      /^4 entries, none changed and none missing; the last is 4, /,
    );
    const file = join(host.home, 'state', 'audit', '000001.ndjson');
    writeFileSync(file, readFileSync(file, 'utf8').replace('restart api', 'restart web'));
    const broken = await host.run(['audit', 'verify', '-o', 'json']);
    expect(broken.code).toBe(1);
    expect(JSON.parse(broken.stdout)).toMatchObject({
      ...{ kind: 'AuditVerdict', whole: false, entries: 4 },
      problems: [expect.stringContaining('entry 2 was changed')],
    });
  });
});
