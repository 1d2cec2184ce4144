import { splitAppKey } from '../../../lib/app-key.ts';
import { runMode } from '../../slots/effective.ts';
import type { DesiredApp } from '../../model/desired.ts';
import type { Drift } from './drift.ts';

type Overridden = Pick<DesiredApp, 'key' | 'spec' | 'override'>;

/** What an operator has put on top of the file, as far as it says something else than the file does. */
export function overrideDrift({ key, spec, override }: Overridden): readonly Drift[] {
  if (override === null) return [];
  const { project, name: app } = splitAppKey(key);
  const base = { kind: 'override', project, app, by: override.by, since: override.at } as const;
  const { run, runUntil, instances, instancesUntil } = override;
  const drift: Drift[] = [];
  const back = `stateward apply puts back what is declared`;
  const declaredMode = runMode(spec, null);
  if (run !== undefined && run !== declaredMode) {
    const isStop = run === 'stopped';
    drift.push({
      ...base,
      reason: isStop ? 'StoppedByOperator' : 'StartedByOperator',
      message: isStop ? 'declared to run, stopped' : 'declared not to start by itself, started',
      hint: isStop ? `stateward start ${key} starts it, ${back} too` : back,
      ...ending(runUntil),
    });
  }
  if (instances !== undefined && instances !== spec.instances) {
    drift.push({
      ...base,
      reason: 'ScaledByOperator',
      message: `declared ${spec.instances} ${spec.instances === 1 ? 'instance' : 'instances'}, scaled to ${instances}`,
      hint: back,
      ...ending(instancesUntil),
    });
  }
  return drift;
}

function ending(until: number | undefined): Pick<Drift, 'heals' | 'until'> {
  return until === undefined ? { heals: 'never' } : { heals: 'expiry', until };
}
