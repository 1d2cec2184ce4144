import type { CodeInfo } from '../../../api/contract/wire/apps.ts';
import { shortCommit } from '../../../lib/commit-hash.ts';
import { escapeControls } from '../text/text.ts';

const ID_SHOWN = 7;

/** `e7c118e`, `e7c118e-dirty`, `2.4.1 e7c118e`; `-` where it is not known. */
export function codeText(code: CodeInfo | null | undefined): string {
  if (code === undefined || code === null) return '-';
  const { id, commit, dirty, version } = code;
  const name = commit === null ? id.slice(0, ID_SHOWN) : shortCommit(commit) + (dirty ? '-dirty' : '');
  return escapeControls(version === null ? name : `${version} ${name}`, false);
}

/** The same with the branch: `e7c118e (main)`. */
export function codeAndBranch(code: CodeInfo | null | undefined): string {
  const branch = code?.branch ?? null;
  return branch === null ? codeText(code) : `${codeText(code)} (${escapeControls(branch, false)})`;
}

/** What several processes run: `e7c118e (main)`, or by slot where they differ. */
export function codeOfSlots(
  instances: readonly { readonly slot: number; readonly code?: CodeInfo | null }[],
): string {
  const texts = new Map<string, number[]>();
  for (const { slot, code } of instances) {
    const text = codeAndBranch(code);
    texts.set(text, [...(texts.get(text) ?? []), slot]);
  }
  if (texts.size <= 1) return [...texts.keys()][0] ?? '-';
  return [...texts]
    .map(([text, slots]) => `${slots.length === 1 ? 'slot' : 'slots'} ${slots.join(', ')}: ${text}`)
    .join('; ');
}
