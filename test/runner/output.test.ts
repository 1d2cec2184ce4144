import { randomBytes } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { eventually } from '../support/eventually.ts';
import { fileContent, fileText } from '../support/files.ts';
import { RunnerRig } from '../support/runner/runner-rig.ts';

let rig: RunnerRig;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

describe('the output of a process', () => {
  test('is on disk byte for byte', async () => {
    const bytes = Buffer.concat([randomBytes(1_000_000), Buffer.from('\n')]);
    const { child, instance } = await rig.launch();
    await child.write('stdout', bytes);
    const content = await fileContent(rig.logOf(instance), ({ length }) => length === bytes.length);
    expect(content.equals(bytes)).toBe(true);
  });

  test('is complete when the process is reported to have ended', async () => {
    const line = 'x'.repeat(99);
    const spec = rig.spec({ file: 'sh', args: ['-c', `yes ${line} | head -n 100000; exit 4`] });
    await rig.client.spawn(spec);
    await rig.client.nextState(spec.nonce, 'exited');
    const content = await fileContent(rig.logOf(spec), ({ length }) => length === 10_000_000);
    expect(content.equals(Buffer.from(`${line}\n`.repeat(100_000)))).toBe(true);
  });

  test('200 MB without a line end cost the runner little memory', async () => {
    const spec = rig.spec({ file: 'sh', args: ['-c', 'head -c 200000000 /dev/zero; echo end'] });
    await rig.client.spawn(spec);
    await rig.client.nextState(spec.nonce, 'exited');
    await fileContent(rig.logOf(spec), ({ length }) => length === 200_000_004);
    const peak = /VmHWM:\s+(\d+) kB/.exec(await readFile(`/proc/${rig.runner.pid}/status`, 'utf8'))?.[1];
    expect(Number(peak)).toBeLessThan(160_000);
  });

  test('goes nowhere when there is no file, and the process does not notice', async () => {
    const logs = { ...rig.spec().logs, outFile: null, errorFile: null };
    const { child, instance } = await rig.launch({ logs });
    await child.write('stdout', Buffer.alloc(1_000_000));
    child.exit(0);
    expect((await rig.client.nextState(instance.nonce, 'exited')).exit?.code).toBe(0);
    await expect(stat(rig.logOf(instance))).rejects.toThrow('ENOENT');
  });

  test('of a full disk does not hurt the app, and is told once', async () => {
    const logs = { ...rig.spec().logs, outFile: '/dev/full' };
    const { child, instance } = await rig.launch({ logs });
    for (let count = 0; count < 10; count++) await child.write('stdout', Buffer.alloc(1_000_000, 'x\n'));
    const told = await rig.client.nextInstance(({ problems }) => problems !== undefined);
    expect(told.problems).toEqual([
      {
        code: 'log-write-failed',
        message: 'cannot write /dev/full: there is no room left: make some (ENOSPC)',
      },
    ]);
    child.exit(0);
    expect((await rig.client.nextState(instance.nonce, 'exited')).exit?.code).toBe(0);
  });

  test('of a Node app with the agent is complete when it calls process.exit()', async () => {
    const agent = await bundle('src/agent/main.ts');
    const app = join(rig.folder, 'app.cjs');
    await writeFile(
      app,
      `for (let i = 0; i < 3000; i++) console.log(i + ' ' + 'x'.repeat(200)); process.exit(1);`,
    );
    const spec = rig.spec({ file: process.execPath, args: ['--require', agent, app] });
    await rig.client.spawn(spec);
    expect((await rig.client.nextState(spec.nonce, 'exited')).exit?.code).toBe(1);
    const text = await fileText(rig.logOf(spec), `2999 ${'x'.repeat(200)}\n`);
    expect(text.split('\n').length).toBe(3_001);
  });

  test('goes to a new file on reopen-logs after something else has moved the old one', async () => {
    const { child, instance } = await rig.launch();
    await child.write('stdout', 'a\n');
    await fileText(rig.logOf(instance), 'a\n');
    await rename(rig.logOf(instance), `${rig.logOf(instance)}.old`);
    await rig.client.call({ kind: 'reopen-logs' });
    await child.write('stdout', 'b\n');
    expect(await fileText(rig.logOf(instance), 'b\n')).toBe('b\n');
  });
});

describe('the last lines of a process', () => {
  const tailOf = async (nonce: string): Promise<readonly string[]> => {
    const { lines } = await rig.client.call({ kind: 'tail', nonce }, 'tail');
    return lines.map(({ stream, line }) => `${stream}: ${line}`);
  };

  test('are given while it runs, also where there is no log file', async () => {
    const logs = { ...rig.spec().logs, outFile: null, errorFile: null };
    const { child, instance } = await rig.launch({ logs });
    await child.write('stdout', 'listening\n');
    await eventually(async () => (await tailOf(instance.nonce)).length === 1);
    await child.write('stderr', 'half');
    await eventually(async () => (await tailOf(instance.nonce)).length === 2);
    expect(await tailOf(instance.nonce)).toEqual(['out: listening', 'error: half']);
  });

  test('are exact when it exits at once after 3,000 of them, and are kept until it is forgotten', async () => {
    const agent = await bundle('src/agent/main.ts');
    const app = join(rig.folder, 'app.cjs');
    await writeFile(app, `for (let i = 0; i < 3000; i++) console.log('line ' + i); process.exit(1);`);
    const spec = rig.spec({ file: process.execPath, args: ['--require', agent, app] });
    await rig.client.spawn(spec);
    await rig.client.nextState(spec.nonce, 'exited');
    const last = Array.from({ length: 30 }, (_, index) => `out: line ${2_970 + index}`);
    expect(await tailOf(spec.nonce)).toEqual(last);
    await rig.client.call({ kind: 'forget', nonce: spec.nonce });
    await expect(tailOf(spec.nonce)).rejects.toThrow('unknown-instance');
  });

  test('hold what it said last behind 10 MB, and behind a line of 200 MB', async () => {
    const many = rig.spec({ file: 'sh', args: ['-c', 'yes x | head -c 10000000; echo; echo end; exit 4'] });
    const long = rig.spec({
      file: 'sh',
      args: ['-c', 'printf a; head -c 200000000 /dev/zero; echo; echo end >&2'],
    });
    await rig.client.spawn(many);
    await rig.client.spawn(long);
    await rig.client.nextState(many.nonce, 'exited');
    await rig.client.nextState(long.nonce, 'exited');
    expect((await tailOf(many.nonce)).slice(-3)).toEqual(['out: x', 'out: ', 'out: end']);
    expect([...(await tailOf(long.nonce))].sort()).toEqual(['error: end', `out: a${'\0'.repeat(511)}`]);
  });

  test('are not said to be none where an earlier runner has read them', async () => {
    const { child, instance } = await rig.launch();
    const ended = rig.spec({ file: 'sh', args: ['-c', 'echo boom; exit 1'] });
    await rig.client.spawn(ended);
    await rig.client.nextState(ended.nonce, 'exited');
    await child.write('stdout', 'one\n');
    await fileText(rig.logOf(instance), 'one\n');
    await rig.killRunner();
    await rig.startRunner();
    for (const { nonce } of [instance, ended]) {
      await expect(tailOf(nonce)).rejects.toThrow('busy: an earlier runner has read');
    }
    await child.write('stdout', 'two\n');
    await fileText(rig.logOf(instance), 'two\n');
    expect(await tailOf(instance.nonce)).toEqual(['out: two']);
  });

  test('are none where there was no process', async () => {
    const spec = rig.spec({ file: '/nowhere' });
    await rig.client.spawn(spec);
    expect(await tailOf(spec.nonce)).toEqual([]);
    await expect(rig.client.call({ kind: 'tail', nonce: 'a b' })).rejects.toThrow('bad-request: nonce');
  });
});
