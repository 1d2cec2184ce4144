import { shortCommit } from '../../../lib/commit-hash.ts';
import type { AuditEntryInfo, AuditVerdictInfo } from '../../../api/contract/wire/guards/audit.ts';
import { count } from '../text/quantities.ts';
import type { Style } from '../text/terminal.ts';
import { escapeControls } from '../text/text.ts';

/** One line an entry: number, time, who, what. */
export function renderAudit(entries: readonly AuditEntryInfo[], style: Style): string {
  const width = String(entries.at(-1)?.seq ?? 0).length;
  return entries
    .map((entry) => {
      const { seq, at, by } = entry;
      const who = typeof by === 'string' && by !== '' ? `${by}  ` : '';
      return `${String(seq).padStart(width)}  ${style.dim(at)}  ${escapeControls(`${who}${whatOf(entry)}`, false)}\n`;
    })
    .join('');
}

/** Whether the chain is whole, and where not. */
export function renderAuditVerdict({ whole, entries, head, problems }: AuditVerdictInfo): string {
  if (entries === 0 && whole) return 'the audit log is empty: nothing was changed in this home yet\n';
  const last = `the last is ${head.seq}, ${head.hash}`;
  if (whole) return `${count(entries, 'entry', 'entries')}, none changed and none missing; ${last}\n`;
  return `${problems.map((problem) => `${escapeControls(problem, false)}\n`).join('')}${count(entries, 'entry', 'entries')}, and the chain is broken; ${last}\n`;
}

function whatOf(entry: AuditEntryInfo): string {
  switch (entry.kind) {
    case 'revision':
      return `${text(entry.command)}: revision ${text(entry.revision)} of ${text(entry.project)}${ofCommit(entry)}${appsOf(entry)}`;
    case 'verb':
      return `${text(entry.command)}${appsOf(entry)}`;
    case 'act':
      return `${text(entry.command)}${text(entry.about) === '' ? '' : `: ${text(entry.about)}`}`;
    case 'undone':
      return `entry ${text(entry.of)} did not come about: ${text(entry.why)}`;
    default:
      return `${entry.kind}: ${text(entry.why)}`;
  }
}

function ofCommit({ commit }: AuditEntryInfo): string {
  return typeof commit === 'string' ? ` (commit ${shortCommit(commit)})` : '';
}

/** How many apps are named. */
const NAMED = 5;

function appsOf({ apps }: AuditEntryInfo): string {
  if (!Array.isArray(apps) || apps.length === 0) return '';
  const named = (apps as readonly { readonly app?: unknown; readonly change?: unknown }[]).map(
    ({ app, change }) => `${typeof change === 'string' ? `${change} ` : ''}${text(app)}`,
  );
  const more = named.length - NAMED;
  return ` (${named.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${more} more` : ''})`;
}

function text(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}
