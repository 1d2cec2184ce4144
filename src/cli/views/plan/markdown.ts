import type { PlanDocument } from '../../../api/contract/wire/plan.ts';
import type { Change } from '../../../plan/model/plan.ts';
import { escapeControls } from '../text/text.ts';
import { describeChange } from './change-text.ts';
import { absenceIn, changeNotes, SYMBOLS } from './plan-human.ts';
import { renderTotal } from './total.ts';
import { isBlind, planRemarks } from './plan-notes.ts';

/** GitHub takes a comment of 65,536 characters; what is counted here are bytes, which are never fewer. */
const MAX_BYTES = 65_000;
/** For the lines that say that something was cut, and for closing what was opened. */
const SPARE_BYTES = 1_000;
const MAX_CELL = 160;
const MAX_LINE = 600;

/**
 * A plan as a comment of a pull request, in the Markdown of GitHub and GitLab: the sum, a table of what changes, and the
 * rest folded away. What comes from a file or a host is text only, whatever is in it. Ends with a newline.
 */
export function renderPlanMarkdown(plan: PlanDocument): string {
  const changes = plan.changes.filter(({ kind }) => kind !== 'unchanged');
  const page = new Page('stateward plan');
  page.add(`### ${headline(plan, changes)}\n`);
  if (plan.guard !== null) page.add(refusal(plan.guard));
  for (const remark of planRemarks(plan))
    page.addOrCount(`> :warning: ${code(remark, MAX_LINE)}\n>\n`, 'remark');
  if (changes.length > 0) {
    page.add('\n|   | App | Change | What | Cost |\n| --- | --- | --- | --- | --- |\n');
    for (const change of changes) page.addOrCount(row(change, plan), 'change');
    const folded = changes.map((change) => further(change, plan)).filter((text) => text !== '');
    if (folded.length > 0 && page.hasRoom(200)) {
      page.add('\n<details>\n<summary>Details</summary>\n\n');
      for (const text of folded) page.addOrCount(text, 'detail');
      page.close('\n</details>\n');
    }
  }
  return page.text;
}

/** Takes what fits, and says how much did not. */
export class Page {
  readonly #command: string;

  #text = '';
  #bytes = 0;
  #cut = new Map<string, number>();

  /** `command`: shows what was cut. */
  constructor(command: string) {
    this.#command = command;
  }

  get text(): string {
    const cut = [...this.#cut].map(([what, count]) => `${count} more ${what}${count === 1 ? '' : 's'}`);
    if (cut.length === 0) return this.#text;
    return `${this.#text}\n**Cut here, because a comment has a limit: ${cut.join(', ')}.** \`${this.#command}\` shows all of them.\n`;
  }

  hasRoom(bytes: number): boolean {
    return this.#bytes + bytes <= MAX_BYTES - SPARE_BYTES;
  }

  add(text: string): void {
    this.#text += text;
    this.#bytes += Buffer.byteLength(text);
  }

  /** In order: once something did not fit, nothing of its kind is shown any more. */
  addOrCount(text: string, what: string): void {
    const isCut = this.#cut.has(what);
    if (!isCut && this.hasRoom(Buffer.byteLength(text))) this.add(text);
    else this.#cut.set(what, (this.#cut.get(what) ?? 0) + 1);
  }

  close(text: string): void {
    this.add(text);
  }
}

function headline(plan: PlanDocument, changes: readonly Change[]): string {
  if (plan.guard !== null) return 'stateward: this would be refused';
  if (changes.length > 0) return renderTotal(plan.summary);
  return isBlind(plan) ? 'No changes of what is declared; what runs is not known.' : 'No changes.';
}

function refusal({ code: name, message, hint }: NonNullable<PlanDocument['guard']>): string {
  const way = hint === undefined ? '' : `>\n> ${code(hint, MAX_LINE)}\n`;
  return `> :no_entry: **${name}** ${code(message, MAX_LINE)}\n${way}\n`;
}

function row(change: Change, plan: PlanDocument): string {
  const { app, kind } = change;
  const { detail, cost } = describeChange(change, absenceIn(change.app, plan));
  const cells = [SYMBOLS[kind], code(app, MAX_CELL), kind, code(detail, MAX_CELL), code(cost, MAX_CELL)];
  return `| ${cells.join(' | ')} |\n`;
}

/** What the table has no room for. */
function further(change: Change, plan: PlanDocument): string {
  const text = describeChange(change, absenceIn(change.app, plan));
  const whole = text.detail.length > MAX_CELL ? [text.detail] : [];
  const lines = [...whole, ...text.further, ...changeNotes(change, plan)];
  if (lines.length === 0) return '';
  return `- ${code(change.app, MAX_CELL)}\n${lines.map((line) => `  - ${code(line, MAX_LINE)}\n`).join('')}`;
}

/**
 * Text as text. Inside the element nobody is mentioned and no issue is linked; everything that could end it, or mean
 * something to Markdown, is written as its number. Behind `@` an empty comment keeps addresses from becoming links.
 */
export function code(text: string, limit: number): string {
  if (text === '') return '';
  const characters = Array.from(escapeControls(text, false));
  const shown = characters.length > limit ? [...characters.slice(0, limit - 1), '…'] : characters;
  return `<code>${shown.map(encode).join('')}</code>`;
}

const PLAIN = /^[A-Za-z0-9 ,/→±…]$/u;

function encode(character: string): string {
  if (character === '@') return '&#64;<!-- -->';
  const isAscii = character.charCodeAt(0) < 0x80;
  return !isAscii || PLAIN.test(character) ? character : `&#${character.charCodeAt(0)};`;
}
