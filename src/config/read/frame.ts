import { maskLine } from '../../spec/secrets/redact.ts';
import { secretNames } from '../../spec/secrets/secret-names.ts';

/** A file as text, with the offset at which each line starts. */
interface FramedText {
  readonly text: string | null;
  readonly lineStarts: readonly number[];
  /** Names of secrets that other files say, with which this one is put together. */
  readonly alsoSecret?: readonly string[];
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Longest part of a line that a frame shows. */
const FRAME_WIDTH = 120;
/** What is looked at before that part, to know whether it is the value of a secret. */
const FRAME_CONTEXT = 1000;
const KEY = /(["']?)([\w.-]+)\1\s*:\s*/g;
const BASE64 = /^[A-Za-z0-9+/=]+$/;
const VALUE = /^(?:"(?:[^"\\]|\\.)*"?|'[^']*'?|[^,}]+)/;

/** The line of the place with a marker under it. Control characters and the far end of long lines are left out. */
export function frameOf(
  source: FramedText,
  span: Range,
  { line, column }: { readonly line: number; readonly column: number },
): string {
  const start = source.lineStarts[line - 1] ?? 0;
  const end = source.lineStarts[line] ?? source.text?.length ?? 0;
  const cut = column > FRAME_WIDTH / 2 ? column - 1 - FRAME_WIDTH / 4 : 0;
  const context = Math.max(0, cut - FRAME_CONTEXT);
  const part = (source.text ?? '').slice(start + context, Math.min(end, start + cut + FRAME_WIDTH));
  const shown = maskSecrets(part.replace(/\r?\n$/, '').replace(/\p{Cc}/gu, ' '), source).slice(cut - context);
  const before = column - 1 - cut;
  const marks = Math.max(1, Math.min(span.end - span.start, shown.length - before));
  const gutter = `${line} | `;
  return `${gutter}${shown}\n${' '.repeat(gutter.length - 2)}| ${' '.repeat(before)}${'^'.repeat(marks)}`;
}

/** Keeps the length, so that the marker stays under its text. */
function maskSecrets(line: string, { text, alsoSecret = [] }: FramedText): string {
  const isSecret = secretNames([...listedSecrets(text ?? ''), ...alsoSecret]);
  const spans: Range[] = [];
  for (const match of line.matchAll(KEY)) {
    if (!isSecret(match[2] ?? '')) continue;
    const start = match.index + match[0].length;
    spans.push({ start, end: start + (VALUE.exec(line.slice(start))?.[0].length ?? 0) });
  }
  // A line of a block of base64, such as a key: what it is stands in another line.
  const block = /^\s*(\S{48,})\s*$/.exec(line)?.[1];
  if (block !== undefined && BASE64.test(block)) {
    const start = line.indexOf(block);
    spans.push({ start, end: start + block.length });
  }
  return maskLine(line, isSecret, spans);
}

/** The names under `secrets`, before anything of the file is understood. */
export function listedSecrets(text: string): readonly string[] {
  const lists = [...text.matchAll(/\bsecrets["']?\s*:\s*(\[[^\]]{0,2000}\]|(?:\s*-[^\n]{1,200}){1,100})/g)];
  return lists.flatMap(([, list = '']) => list.match(/[\w*.-]*[\w*]/g) ?? []);
}
