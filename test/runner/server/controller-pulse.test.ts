import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hostProcesses } from '../../../src/runner/processes/host-processes.ts';
import { ControllerPulse } from '../../../src/runner/server/controller-pulse.ts';
import { FakeClock } from '../../support/fake-clock.ts';

let child: ChildProcess;
beforeEach(async () => {
  child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1e6)'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  if (child.stdout !== null) await once(child.stdout, 'data');
});
afterEach(() => void child.kill('SIGKILL'));

function rig() {
  const clock = new FakeClock();
  const logged: string[] = [];
  const pulse = new ControllerPulse({
    clock,
    processes: hostProcesses(),
    log: (message) => logged.push(message),
  });
  let heard = false;
  const connection = {
    takeHeard: () => {
      const was = heard;
      heard = false;
      return was;
    },
  };
  return { clock, logged, pulse, connection, speak: () => (heard = true) };
}

describe('a controller that has said nothing for half a minute', () => {
  test('is killed, once', async () => {
    const { clock, logged, pulse, connection } = rig();
    pulse.follow(connection, child.pid ?? 0);
    clock.advance(25_000);
    expect(logged).toEqual([]);
    const ended = once(child, 'exit');
    clock.advance(60_000);
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(logged).toEqual([expect.stringContaining(`pid ${child.pid}`)]);
  });

  test('is not one that speaks now and then, nor one that has left', () => {
    const { clock, logged, pulse, connection, speak } = rig();
    pulse.follow(connection, child.pid ?? 0);
    for (let round = 0; round < 10; round++) {
      clock.advance(25_000);
      speak();
    }
    pulse.stop();
    clock.advance(600_000);
    expect([logged, child.exitCode, child.signalCode]).toEqual([[], null, null]);
  });
});
