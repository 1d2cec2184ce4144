import type { MessageResponse } from '../../api/contract/wire/messages.ts';
import { renderTable } from './text/table.ts';
import { escapeControls } from './text/text.ts';

/** One line an instance: whether it was given the message, and why not. */
export function renderMessageResults({ results }: MessageResponse): string {
  return renderTable(
    null,
    results.map(({ app, slot, sent, message }) => [
      { text: `${app}:${slot}` },
      { text: sent ? 'sent' : `not sent${message === null ? '' : `: ${escapeControls(message, false)}`}` },
    ]),
  );
}
