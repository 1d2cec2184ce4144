import type { VerbResponse } from '../../api/contract/wire.ts';
import { renderTable } from './table.ts';

/** One line an app: what a verb did to it, or why there was nothing to do. */
export function renderVerbResults({ results }: VerbResponse): string {
  return renderTable(
    null,
    results.map(({ app, message }) => [{ text: app }, { text: message }]),
  );
}
