import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, describe, expect, test } from 'vitest';
import { environmentOf } from '../../../src/lib/procfs/environment.ts';

let child: ChildProcess | undefined;
afterEach(async () => {
  if (child === undefined) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
  child = undefined;
});

async function started(script: string, env: NodeJS.ProcessEnv): Promise<number> {
  child = spawn('/bin/sh', ['-c', script], { env, stdio: ['ignore', 'pipe', 'ignore'] });
  await once(child.stdout ?? child, 'data');
  return child.pid ?? 0;
}

describe.runIf(process.platform === 'linux')('the environment of a process', () => {
  test('is never taken for empty while the process takes on another program', async () => {
    const pid = await started('echo up; exec /bin/sh -c "$AGAIN"', {
      NAME: 'value',
      AGAIN: 'exec /bin/sh -c "$AGAIN"',
    });
    const texts = Array.from({ length: 20_000 }, () => environmentOf(pid));
    expect(texts.filter((text) => text?.includes('NAME=value') === false)).toEqual([]);
    expect(texts.filter((text) => text !== null).length).toBeGreaterThan(0);
  });

  test('is empty where the process has none, is a thread of the kernel, or has ended', async () => {
    const pid = await started('echo up; exec env -i sleep 1000', {});
    // The shell has variables of its own until then.
    let text = environmentOf(pid);
    while (text !== '') text = environmentOf(pid);
    expect(environmentOf(pid)).toBe('');
    const of = (stat: string) => environmentOf(7, (path) => (path === '/proc/7/stat' ? stat : ''));
    const middle = ' 1'.repeat(40);
    expect(of(`7 (kworker/0:1) I 2 0 0 0 -1 69238880${middle} 0 0 0`)).toBe('');
    expect(of(`7 (a) b) Z 1 7 7 0 -1 4228364${middle} 0 0 0`)).toBe('');
    expect(of(`7 (a) b) R 1 7 7 0 -1 4194308${middle} 0 0 0`)).toBe('');
    expect(of(`7 (a) b) R 1 7 7 0 -1 4194304${middle} 140 140 0`)).toBe('');
    expect(of(`7 (a) b) R 1 7 7 0 -1 4194304${middle} 0 0 0`)).toBeNull();
    // The kernel has come to where the environment begins, and not yet to where the program has its data.
    const noData = `${' 1'.repeat(36)} 0${' 1'.repeat(3)}`;
    expect(of(`7 (a) b) R 1 7 7 0 -1 4194304${noData} 140 140 0`)).toBeNull();
  });
});
