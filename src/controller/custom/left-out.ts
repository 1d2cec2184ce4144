import type { Condition } from '../../plan/model/health.ts';
import { MOST_ACTIONS, MOST_METRICS, type LeftOut } from './custom-table.ts';

/** What was left out of what one process has said. */
export interface SlotLeftOut {
  readonly slot: number;
  readonly left: LeftOut;
  /** The runner has dropped messages of it. */
  readonly dropped: boolean;
}

/** That an app says more than is kept of it, and what to do; null: all is kept. */
export function leftOutCondition(slots: readonly SlotLeftOut[]): Condition | null {
  const texts = slots.flatMap(({ slot, left, dropped }) => {
    const texts = [...leftOutTexts(left), ...(dropped ? [DROPPED] : [])];
    return texts.length === 0 ? [] : [`slot ${slot}: ${texts.join('; ')}`];
  });
  if (texts.length === 0) return null;
  return { type: 'Reported', status: 'False', reason: 'ReportsDropped', message: texts.join('; ') };
}

const DROPPED =
  'its messages are too large, too deep or come too fast, and some were dropped: send fewer than 100 a second, each below 64 KiB, and start it anew';

function leftOutTexts({ metrics, bad, actions }: LeftOut): readonly string[] {
  return [
    ...(metrics > 0
      ? [`it reports ${metrics} metrics more than the ${MOST_METRICS} that are kept: report fewer names`]
      : []),
    ...(bad > 0
      ? [
          `${bad} of its metrics have a name over 128 characters, or a value that is no finite number, text or truth value`,
        ]
      : []),
    ...(actions > 0
      ? [`it offers ${actions} actions more than the ${MOST_ACTIONS} that are kept: offer fewer`]
      : []),
  ];
}
