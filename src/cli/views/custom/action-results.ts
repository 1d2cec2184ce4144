import type { ActionResponse, ActionResult } from '../../../api/contract/wire/custom/custom.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { renderTable } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';

/** What each instance has replied: a line where it fits into one, else the reply below its name. */
export function renderActionResults({ results }: ActionResponse): string {
  const rows = results.map((result) => ({ name: `${result.app}:${result.slot}`, text: textOf(result) }));
  if (rows.every(({ text }) => !text.includes('\n'))) {
    return renderTable(
      null,
      rows.map(({ name, text }) => [{ text: name }, { text }]),
    );
  }
  return rows.map(({ name, text }) => `${name}\n${text.replace(/^(?=.)/gm, '  ')}\n`).join('');
}

/** All have replied: 0. Time is over for one: 4. Else 1. */
export function actionsExitCode({ results }: ActionResponse): ExitCode {
  const is = (state: ActionResult['state']): boolean => results.some((result) => result.state === state);
  if (results.length > 0 && results.every(({ state }) => state === 'replied')) return EXIT.OK;
  return is('timedOut') && !is('failed') && !is('notOffered') && !is('notSent') ? EXIT.TIMEOUT : EXIT.FAILED;
}

function textOf({ state, reply, message }: ActionResult): string {
  if (state === 'replied') return replyText(reply);
  const before = { failed: 'failed', timedOut: 'no reply', notOffered: 'not offered', notSent: 'not sent' }[
    state
  ];
  return `${before}${message === null ? '' : `: ${escapeControls(message, false)}`}`;
}

/** A text as it is, anything else as JSON: in one line where it is short. */
function replyText(reply: unknown): string {
  const text = typeof reply === 'string' ? reply : jsonText(reply);
  const lines = text.trimEnd().split('\n');
  return lines.map((line) => escapeControls(line, false)).join('\n');
}

function jsonText(reply: unknown): string {
  const line = JSON.stringify(reply ?? null);
  return line.length <= SHORT ? line : JSON.stringify(reply, null, 2);
}

const SHORT = 100;
