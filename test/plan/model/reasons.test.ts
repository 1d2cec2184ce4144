import { describe, expect, it } from 'vitest';
import { groupOf, REASONS, type ReasonGroup } from '../../../src/plan/model/reasons.ts';

function reasonsOf(group: ReasonGroup): readonly string[] {
  return Object.keys(REASONS).filter((reason) => groupOf(reason) === group);
}

describe('the groups of reasons', () => {
  it.each([
    ['exit', ['Exited', 'Killed', 'StartFailed', 'HostRestarted']],
    ['unfit', ['MemoryLimit', 'LivenessFailed', 'StartupFailed', 'HeartbeatMissed', 'WatchdogMissed']],
    ['unready', ['NotReady', 'NotListening']],
    ['proving', ['MinUptime', 'MinReady']],
    ['delay', ['BackOff', 'RestartDelay']],
    ['ending', ['Stopping', 'EndingLeftovers']],
  ] as const)('%s: what decisions ask for as one', (group, reasons) => {
    expect(reasonsOf(group)).toEqual(reasons);
  });

  it('know nothing of a reason that a newer stateward gives', () => {
    expect(groupOf('SomethingNew')).toBeUndefined();
    expect(groupOf('constructor')).toBeUndefined();
  });
});
