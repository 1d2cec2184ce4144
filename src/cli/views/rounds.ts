import type { RoundInfo } from '../../api/contract/wire/rounds/rounds.ts';
import { formatDuration } from './text/quantities.ts';
import { actionText, CAUSE_TEXTS } from './text/round-words.ts';
import { renderTable } from './text/table.ts';
import type { Style } from './text/terminal.ts';
import { escapeControls } from './text/text.ts';

/** One line a round, the newest first: when, of what, why, what it did, how long that took, what came of it. */
export function renderRounds(rounds: readonly RoundInfo[], style: Style): string {
  if (rounds.length === 0) return 'Nothing was done since the daemon began.\n';
  return renderTable(
    ['WHEN', 'APP', 'BECAUSE', 'DID', 'TOOK', 'RESULT'],
    rounds.map(({ at, key, causes, actions, verdict, durationMs, error }) => [
      { text: at, paint: style.dim },
      { text: key },
      { text: causes.map((cause) => CAUSE_TEXTS[cause]).join(', ') },
      { text: escapeControls(verdict ?? (actions.map(actionText).join(', ') || '-'), false) },
      { text: formatDuration(durationMs) },
      error === null ? { text: 'done' } : { text: escapeControls(error, false), paint: style.red },
    ]),
  );
}
