import type { AppDiff } from '../../revisions/diffing.ts';
import { count } from '../text/quantities.ts';
import { escapeControls } from '../text/text.ts';
import { code, Page } from './markdown.ts';

const MAX_LINE = 600;
/** Of one app; more of it says the command. */
const MAX_DIFF = 20_000;

/**
 * A diff as a comment of a pull request, in the Markdown of GitHub and GitLab: a block an app, which nothing in it can end.
 * `remarks`: what a person should know beside it. Ends with a newline.
 */
export function renderDiffMarkdown(diffs: readonly AppDiff[], remarks: readonly string[]): string {
  const page = new Page('stateward diff');
  page.add(
    `### ${diffs.length === 0 ? 'No difference.' : `${count(diffs.length, 'app')} differ${diffs.length === 1 ? 's' : ''}`}\n`,
  );
  for (const remark of remarks) page.addOrCount(`> :warning: ${code(remark, MAX_LINE)}\n>\n`, 'remark');
  for (const { app, kind, diff } of diffs) {
    page.addOrCount(`\n${code(app, MAX_LINE)} ${kind}\n\n${block(diff)}`, 'app');
  }
  return page.text;
}

function block(diff: string): string {
  const lines = diff
    .trimEnd()
    .split('\n')
    .map((line) => escapeControls(line, false));
  const whole = lines.join('\n');
  const shown =
    whole.length <= MAX_DIFF ? whole : `${whole.slice(0, whole.lastIndexOf('\n', MAX_DIFF))}\n… (cut here)`;
  const longest = Math.max(2, ...[...shown.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${shown}\n${fence}\n`;
}
