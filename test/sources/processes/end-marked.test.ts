import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { endMarked } from '../../../src/sources/processes/end-marked.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** Of a test run, so that no other one's is ended. */
const VALUE = `größe-${process.pid}-${Date.now()}`;

async function started(script: string, env: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', `echo up; ${script}`], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

describe.runIf(process.platform === 'linux')('what carries a mark is ended', () => {
  test('in whatever session it is, and nothing else', async () => {
    const ours = await started('exec sleep 1000', { STW_TEST_MARK: VALUE });
    const other = await started('exec sleep 1000', { STW_TEST_MARK: `${VALUE}-other` });
    const named = await started('exec sleep 1000', { NO_STW_TEST_MARK: VALUE });
    const ended = once(ours, 'exit');
    expect(await endMarked(`STW_TEST_MARK=${VALUE}`)).toBe(1);
    await ended;
    expect([other.exitCode, other.signalCode, named.exitCode, named.signalCode]).toEqual(
      Array<null>(4).fill(null),
    );
  });

  test('also while it takes on another program', async () => {
    const AGAIN = 'exec /bin/sh -c "$AGAIN"';
    for (let time = 0; time < 30; time++) {
      const child = await started(AGAIN, { AGAIN, STW_TEST_MARK: VALUE });
      const ended = once(child, 'exit');
      expect(await endMarked(`STW_TEST_MARK=${VALUE}`)).toBe(1);
      await ended;
    }
  });
});
