import { spawn, type ChildProcess } from 'node:child_process';
import { expect, test } from 'vitest';
import { HELPER_NEED } from '../../../src/runner/notify/helper-program.ts';
import { NotifyHelper } from '../../../src/runner/notify/notify-helper.ts';
import { eventually } from '../../support/eventually.ts';
import { FakeClock } from '../../support/fake-clock.ts';

/** Says of every path that it is bound, as the real one does. */
const STAND_IN = `process.stdin.on('data', (text) => {
  for (const [, id] of String(text).matchAll(/^bind (\\S+)/gm)) console.log('bound ' + id);
});`;

test('a host on which the program that listens is gone says so, and listens again when it is back', async () => {
  const clock = new FakeClock();
  const trouble: string[] = [];
  const listening: (string | null)[] = [];
  const children: ChildProcess[] = [];
  let isThere = true;
  const helper = new NotifyHelper({
    clock,
    onMessage: () => undefined,
    onDropped: () => undefined,
    onTrouble: (message) => trouble.push(message),
    start: () => {
      if (!isThere) return Promise.reject(new Error(`notify: ${HELPER_NEED}`));
      const child = spawn(process.execPath, ['-e', STAND_IN], { stdio: ['pipe', 'pipe', 'inherit'] });
      children.push(child);
      return Promise.resolve(child);
    },
  });
  await helper.bind('a', '/run/a', (failure) => listening.push(failure));
  expect(listening).toEqual([null]);
  isThere = false;
  children[0]?.kill('SIGKILL');
  await eventually(() => clock.nextDelayMs() !== undefined);
  clock.advance(100);
  await eventually(() => trouble.length === 1);
  expect(trouble).toEqual([
    expect.stringMatching(/perl or python3 is needed .*: install perl-base or python3/),
  ]);
  await expect(helper.bind('b', '/run/b', () => undefined)).rejects.toThrow('install perl-base');
  isThere = true;
  clock.advance(5_000);
  await eventually(() => listening.length === 2);
  expect(listening).toEqual([null, null]);
  helper.drop('a');
});
