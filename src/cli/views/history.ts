import type { RevisionInfo } from '../../api/wire.ts';
import { formatAge } from './quantities.ts';
import { summaryWords } from './summary.ts';
import { renderTable } from './table.ts';

const HASH_SHOWN = 12;

export interface HistoryOptions {
  /** Epoch milliseconds, for ages. */
  readonly nowMs: number;
  /** With the hash, and the apps that changed. */
  readonly wide: boolean;
}

/** The table of `history`: one line a revision. */
export function renderHistory(revisions: readonly RevisionInfo[], { nowMs, wide }: HistoryOptions): string {
  if (revisions.length === 0) return '';
  const headers = ['PROJECT', 'REVISION', 'AGE', 'BY', 'CHANGES', 'COMMAND'];
  return renderTable(
    wide ? [...headers, 'HASH', 'APPS'] : headers,
    revisions.map((revision) => [
      { text: revision.project },
      { text: String(revision.revision) },
      { text: formatAge(nowMs - Date.parse(revision.at)) },
      { text: revision.by },
      { text: summaryWords(revision.summary) },
      { text: revision.command },
      ...(wide ? [{ text: revision.hash.slice(0, HASH_SHOWN) }, { text: changedApps(revision) }] : []),
    ]),
  );
}

function changedApps({ changes }: RevisionInfo): string {
  const changed = changes.filter(({ kind }) => kind !== 'unchanged').map(({ app }) => app);
  return changed.length === 0 ? '-' : changed.join(',');
}
