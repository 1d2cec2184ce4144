import type { DesiredApp, Override } from '../../plan/model/desired.ts';
import type { Reason } from '../../plan/model/reasons.ts';
import type { Fact } from '../../state/model/types.ts';

/** What `reload` does to an app that reads its settings again by itself: its processes stay. */
export function reloadEffect(
  { key }: DesiredApp,
  slot: number | null,
  { by, at }: Pick<Override, 'by' | 'at'>,
): { readonly facts: readonly Fact[]; readonly reason: Reason; readonly message: string } {
  const reason = 'ReloadRequested';
  const slots = slot === null ? null : [slot];
  return {
    facts: [{ kind: 'reload-requested', key, slots, reason, detail: `asked for by ${by}`, at }],
    reason,
    message: slot === null ? 'reloaded' : `slot ${slot} reloaded`,
  };
}
