import { isSecretName } from './secret-names.ts';

/** A part of a text: from `start` up to, not including, `end`. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

/** Values that are secrets whatever they are called, by the forms in which their issuers give them out. */
const SHAPES: readonly string[] = [
  // Blocks of PEM, with line ends as such or as \n, and cut off too.
  '-----BEGIN [A-Z0-9 ]+-----[^]*?(?:-----END [A-Z0-9 ]+-----|$)',
  // JSON Web Tokens, and what is left of one that was cut.
  '\\beyJ[\\w-]{10,}(?:\\.[\\w-]*){0,2}',
  // Stripe, OpenAI and Anthropic, GitHub, GitLab, AWS, Google.
  '\\b(?:sk|rk)_(?:live|test)_\\w{10,}',
  '\\bwhsec_\\w{16,}',
  '\\bsk-(?=[\\w-]{0,200}\\d)[\\w-]{20,}',
  '\\bgh[pousr]_\\w{16,}',
  '\\bgithub_pat_\\w{20,}',
  '\\bgl(?:pat|dt|rt|ptt|cbt|ft|soat)-[\\w-]{16,}',
  '\\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}\\b',
  '\\bAIza[\\w-]{30,}',
  '\\bya29\\.[\\w-]{20,}',
  '\\bGOCSPX-[\\w-]{20,}',
  // Slack, Discord, Telegram.
  '\\bxox[a-z]-[\\w-]{10,}',
  '\\bxapp-\\d-[\\w-]{10,}',
  '(?<=hooks\\.slack\\.com/(?:services|workflows)/)[\\w/-]{8,}',
  '(?<=discord(?:app)?\\.com/api/webhooks/\\d{1,25}/)[\\w-]{8,}',
  '(?<!\\d)\\d{8,10}:[\\w-]{35}\\b',
  // Registries, hosts and services.
  '\\bnpm_[A-Za-z0-9]{30,}',
  '\\bpypi-[\\w-]{40,}',
  '\\bdckr_pat_[\\w-]{16,}',
  '\\bdo[opr]_v1_[a-f0-9]{32,}',
  '\\bhf_[A-Za-z]{30,}',
  '\\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{24,}',
  '\\bSG\\.[\\w-]{16,}\\.[\\w-]{16,}',
  '\\bSK[0-9a-f]{32}\\b',
  '\\bkey-[0-9a-f]{32}\\b',
  '\\bhv[sbr]\\.[\\w-]{20,}',
  '\\bdapi[0-9a-f]{32}\\b',
  '\\bdp\\.(?:pt|st|ct|sa)\\.\\w{20,}',
  '\\bsbp_[0-9a-f]{32,}',
  '\\bpscale_(?:tkn|pw|oauth)_[\\w-]{16,}',
  '\\b(?:lin_api|ntn|sntrys|glsa|glc|PMAK|NRAK|ATATT|HRKU)[_-]?[\\w=-]{24,}',
  '\\bAGE-SECRET-KEY-1[A-Z0-9]{20,}',
];
const TOKEN = new RegExp(SHAPES.join('|'), 'g');
/**
 * `scheme://user:password@`; the user may be empty, the password may hold `@`, and `/` where it cannot be a port. A long
 * user alone is a token: `https://TOKEN@github.com`.
 */
const URL_PASSWORD =
  /\b[a-z][a-z0-9+.-]{0,30}:\/\/(?:[^\s:/@?#'"]{0,256}:((?:[^\s/?'"]{1,512}|(?!\d+(?:[/?#]|$))[^\s?'"]{1,512}?))(?=@)|(?=[^\s/@]{0,512}\d)([^\s:/@?#'"]{20,512})(?=@))/gi;
const QUERY = /[?&;]([\w.[\]-]+)=([^\s&;#'"`]+)/g;
const QUERY_NAMES = /^(?:sig|code|sid|key|auth)$/i;
/** The name of `NAME=value`, and the value, with quotes or without. A value may begin with a name: `--env=TOKEN=x`. */
const ASSIGNED = /(?<![\w?&;.-])(-{0,2}[A-Za-z_][\w.-]*)=/g;
const ASSIGNED_VALUE = /"(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"'`,;&|)}\]]+/y;
/** `"name": "value"` of JSON. */
const JSON_PAIR = /(["'])([\w.-]+)\1\s*:\s*("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"',}\]]+)/g;
/** `X-Api-Key: value`: a word alone before a colon is prose more often than a name. */
const HEADER =
  /(?<![\w.-])((?:[A-Za-z]\w*-)+[A-Za-z]\w*|authorization|password|passwd|cookie)\s*:\s+((?:(?:bearer|basic|token|digest)\s+)?[^\s"'`,;]+)/gi;
/** As they stand in a header, with a digit at least: prose has none. */
const BEARER = /\b(?:[Bb]earer|Basic)\s+((?=[\w.~+/=-]{0,512}\d)[\w.~+/=-]{12,})/g;
/** The name of a variable says nothing of its value; VALUE stands for one in what we say. */
const REFERENCE = /^["']?(?:\$(?:\{[A-Za-z_]\w*\}|[A-Z_][A-Z0-9_]*)|VALUE)["']?$/;
/** Something of it has to be there for anything else to match. */
const HINT = /[=:@]|[_.-]\w{8}|-----|[A-Z0-9]{16}|eyJ|AIza|dapi|SK[0-9a-f]{8}|bearer|basic/i;

/** Where in a text secrets are, in order and apart, as far as the text alone tells. */
export function secretSpans(
  text: string,
  isSecret: (name: string) => boolean = isSecretName,
): readonly TextSpan[] {
  if (text.length < 6 || !HINT.test(text)) return [];
  const found: TextSpan[] = [];
  const add = (value: string | undefined, end: number): void => {
    if (value !== undefined && value !== '' && !REFERENCE.test(value)) found.push(inner(value, end));
  };
  for (const match of text.matchAll(TOKEN))
    found.push({ start: match.index, end: match.index + match[0].length });
  for (const match of text.matchAll(URL_PASSWORD)) add(match[1] ?? match[2], match.index + match[0].length);
  for (const match of text.matchAll(QUERY)) {
    const [whole, name = '', value] = match;
    if (isSecret(name) || QUERY_NAMES.test(name)) add(value, match.index + whole.length);
  }
  for (const match of text.matchAll(ASSIGNED)) {
    if (!isSecret(match[1] ?? '')) continue;
    const value = valueAt(text, match.index + match[0].length);
    add(value.text, value.end);
  }
  for (const match of text.matchAll(JSON_PAIR)) {
    if (isSecret(match[2] ?? '')) add(match[3], match.index + match[0].length);
  }
  for (const match of text.matchAll(HEADER)) {
    if (isSecret(match[1] ?? '')) add(match[2], match.index + match[0].length);
  }
  for (const match of text.matchAll(BEARER)) add(match[1], match.index + match[0].length);
  return joined(found);
}

function valueAt(text: string, start: number): { readonly text: string | undefined; readonly end: number } {
  ASSIGNED_VALUE.lastIndex = start;
  const found = ASSIGNED_VALUE.exec(text)?.[0];
  return { text: found, end: start + (found?.length ?? 0) };
}

/** A value that ends at `end`, without the quotes around it. */
function inner(value: string, end: number): TextSpan {
  const start = end - value.length;
  const quote = value.charAt(0);
  if (quote !== '"' && quote !== "'") return { start, end };
  const isClosed = value.length > 1 && value.endsWith(quote);
  return { start: start + 1, end: isClosed ? end - 1 : end };
}

/** Spans that touch become one. */
export function joined(spans: readonly TextSpan[]): readonly TextSpan[] {
  const result: TextSpan[] = [];
  for (const span of spans.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last === undefined || span.start > last.end) {
      if (span.end > span.start) result.push(span);
    } else result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
  }
  return result;
}

/** The text with something else in the place of each span. */
export function replaceSpans(
  text: string,
  spans: readonly TextSpan[],
  replace: (secret: string) => string,
): string {
  if (spans.length === 0) return text;
  let [shown, at] = ['', 0];
  for (const { start, end } of spans) {
    shown += text.slice(at, start) + replace(text.slice(start, end));
    at = end;
  }
  return shown + text.slice(at);
}
