import type { VerbResponse } from '../../api/contract/wire/verbs.ts';
import { renderTable } from './text/table.ts';

/** Without waiting, a verb is only under way: `stopped` is for what has ended. */
const UNDER_WAY: Readonly<Record<string, string>> = {
  stopped: 'stopping',
  started: 'starting',
  restarted: 'restarting',
  reloaded: 'reloading',
  scaled: 'scaling',
  deleted: 'being deleted',
};

/** One line an app: what a verb did to it, or why there was nothing to do. `waited`: until it was done. */
export function renderVerbResults({ results }: VerbResponse, waited: boolean): string {
  return renderTable(
    null,
    results.map(({ app, changed, message }) => [
      { text: app },
      { text: changed && !waited ? underWay(message) : message },
    ]),
  );
}

function underWay(message: string): string {
  return message.replace(/^(slot \d+ )?(\w+)/, (all, slot: string | undefined, word: string) =>
    Object.hasOwn(UNDER_WAY, word) ? `${slot ?? ''}${UNDER_WAY[word] ?? word}` : all,
  );
}
