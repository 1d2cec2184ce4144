import type { ApiBackend } from '../api/contract/endpoints/backend.ts';
import type { Cancel } from '../lib/clocks/clock.ts';
import { giveBackMemory } from '../lib/memory/give-back-memory.ts';
import { showTrials } from './confirmations/show-trials.ts';
import { takeBackUnconfirmed } from './confirmations/take-back.ts';
import type { ControllerContext } from './context/context.ts';
import { showUnwritten } from './context/unwritten-conditions.ts';
import { showFreezes } from './freezes/show-freezes.ts';
import { failureHooks } from './hooks/failure-hooks.ts';
import { followSettings } from './http/follow-settings.ts';
import { endOverrides } from './verbs/end-overrides.ts';
import { announceMessages } from './verbs/messages.ts';

export interface StandingOptions {
  /** What changes something: one change at a time, as for the API. */
  readonly backend: Pick<ApiBackend, 'apply'>;
  readonly newNonce: () => string;
  readonly log: (line: string) => void;
}

/** What stands beside the loop and follows what happens, each until it is ended. */
export function standingParts(
  context: ControllerContext,
  { backend, newNonce, log }: StandingOptions,
): readonly Cancel[] {
  const { store, driver, clock, loop, freezes, secrets, settings } = context;
  return [
    announceMessages(driver, store, clock),
    showUnwritten({ store, loop }),
    failureHooks({ driver, store, clock, status: loop.status, secrets, newNonce, log }),
    showTrials({ store, loop }),
    takeBackUnconfirmed({ store, clock, apply: (request) => backend.apply(request) }),
    endOverrides({ store, clock }),
    showFreezes({ freezes, store, loop }),
    () => freezes.close(),
    followSettings(context),
    () => settings.close(),
    giveBackMemory({ clock }),
  ];
}
