import type { RoundInfo } from '../../../api/contract/wire/rounds/rounds.ts';

/** Causes in words. */
export const CAUSE_TEXTS: Readonly<Record<RoundInfo['causes'][number], string>> = {
  begun: 'the daemon began',
  desired: 'what is wanted changed',
  process: 'a process changed',
  hook: 'a hook began or ended',
  runner: 'the runner came, went or fell silent',
  dependency: 'an app beside it moved',
  probe: 'a probe found something',
  trigger: 'a trigger found something',
  condition: 'something else is known of it',
  resync: 'looked at from time to time',
  time: 'something was due',
  retry: 'tried again',
  verdict: 'a rollout was settled',
};

/** `start slot 0: Exited`, or with why it could not be done. */
export function actionText({ kind, slot, reason, error }: RoundInfo['actions'][number]): string {
  const what = `${kind}${slot === null ? '' : ` slot ${slot}`}: ${reason}`;
  return error === null ? what : `${what} (failed: ${error})`;
}
