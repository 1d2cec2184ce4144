import { overtaken } from '../../../sources/model/overtaken.ts';
import type { Hands } from '../work/hands.ts';

/** Hands whose work ends with a signal. */
export function endedBy(hands: Hands, signal: AbortSignal): Hands {
  const { provider, isOver } = hands;
  return {
    ...hands,
    isOver: () => isOver() || signal.aborted,
    provider: {
      ...provider,
      prepare: (record, version, passed) => provider.prepare(record, version, passed, signal),
      hook: (name, version) => provider.hook(name, version, signal),
    },
  };
}

/** Runs something that may take long; `isOvertaken`: something newer has ended it. */
export type Oversee = <T>(
  work: (signal: AbortSignal) => Promise<T>,
) => Promise<{ readonly result: T; readonly isOvertaken: boolean }>;

/** Hands whose commands do not hold up what is newer. */
export function withOverseenHooks(hands: Hands, overseen: Oversee): Hands {
  const { provider } = hands;
  let isOvertaken = false;
  return {
    ...hands,
    isOver: () => isOvertaken || hands.isOver(),
    provider: {
      ...provider,
      hook: async (name, version) => {
        const ran = await overseen((signal) => provider.hook(name, version, signal));
        isOvertaken ||= ran.isOvertaken;
        return ran.result;
      },
    },
  };
}

/** Takes note that a version was given up, unless it is known what became of it. */
export async function giveUp(
  { record, set, context }: Pick<Hands, 'record' | 'set' | 'context'>,
  {
    version: id,
    by,
    startedAt,
  }: { readonly version: string; readonly by: string; readonly startedAt: number },
): Promise<void> {
  const { history, attempted } = record();
  const [newest] = history;
  if (newest?.id === id && newest.startedAt >= startedAt) return;
  const version = attempted?.id === id ? attempted : { id, at: startedAt };
  await set((at) => overtaken(at, { version, by, startedAt }, context.clock.now()));
}
