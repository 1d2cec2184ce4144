import type { Failure } from '../../lib/failure.ts';
import type { Silence } from '../../plan/model/observed.ts';
import type { DriverEvent, RunnerInfo } from '../driver.ts';
import type { LinkState } from './runner-link.ts';

/** What the state of the link says of the runner at its other end. */

export function runnerOf(state: LinkState): RunnerInfo | undefined {
  if (state.kind === 'silent') return state.runner ?? undefined;
  return state.kind === 'connected' ? state.runner : undefined;
}

export function silenceOf(state: LinkState): Silence | null {
  return state.kind === 'silent' ? state.silence : null;
}

export function refusalOf(state: LinkState): Failure | null {
  return state.kind === 'refused' ? state.failure : null;
}

export function eventOf(state: LinkState): DriverEvent {
  switch (state.kind) {
    case 'connected':
      return { kind: 'connected', epoch: state.runner.epoch };
    case 'connecting':
      return { kind: 'disconnected' };
    case 'silent':
      return { kind: 'silent', failure: state.failure };
    case 'refused':
      return { kind: 'refused', failure: state.failure };
  }
}
