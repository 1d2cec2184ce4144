import { splitWords } from '../../spec/normalise/run/split-words.ts';

/** What only a shell understands, but for what makes every failure the same failure. */
const SHELL = /[$`&|;<>()*?#!\n\\{}]/;
const OR_EXIT = /\s*\|\|\s*(?:exit 1|false)\s*;?\s*$/;
const LOCAL = new Set(['localhost', '127.0.0.1']);

/** Flags that change nothing of what counts as an answer; those that take the next word; what the others mean. */
const CURL = {
  plain: /^(?:-[fsSgk4]*f[fsSgk4]*|-[sSgk4]+|--(?:fail|silent|show-error|insecure|ipv4|fail-with-body))$/,
  withValue: new Set(['-o', '--output', '-w', '--write-out']),
  fails: /^(?:-[fsSgk4]*f[fsSgk4]*|--fail(?:-with-body)?)$/,
  insecure: /^(?:-[fsSgk4]*k[fsSgk4]*|--insecure)$/,
  header: new Set(['-H', '--header']),
  ca: '--cacert',
};
const WGET = {
  plain:
    /^(?:-q|-nv|-4|--quiet|--no-verbose|--spider|--no-check-certificate|-O-|-qO-|--tries=1|-O\/dev\/null)$/,
  withValue: new Set(['-O', '-qO', '-t', '--output-document']),
  fails: null,
  insecure: /^--no-check-certificate$/,
  header: new Set(['--header']),
  ca: '--ca-certificate',
};

/**
 * `curl -f http://localhost:3000/healthz || exit 1` and the like as the `http` of a probe, which needs no such program;
 * null: it is something else, or does something more.
 */
export function httpOfCommand(command: string | readonly string[]): Readonly<Record<string, unknown>> | null {
  const words =
    typeof command === 'string' ? wordsOf(command.replace(OR_EXIT, '')) : withoutVariables(command);
  const [program = '', ...args] = words ?? [];
  const known = /(?:^|\/)curl$/.test(program) ? CURL : /(?:^|\/)wget$/.test(program) ? WGET : null;
  if (known === null) return null;
  const urls: string[] = [];
  const headers: Record<string, string> = {};
  let [ca, insecure, fails]: [string | undefined, boolean, boolean] = [
    undefined,
    false,
    known.fails === null,
  ];
  for (let at = 0; at < args.length; at += 1) {
    const [flag, joined] = splitFlag(args[at] ?? '', known);
    const value = (): string => joined ?? args[(at += 1)] ?? '';
    if (known.header.has(flag)) {
      const [, name = '', text = ''] = /^([^:]+):\s*(.*)$/.exec(value()) ?? [];
      if (name === '') return null;
      headers[name] = text;
    } else if (flag === known.ca) ca = value();
    else if (known.withValue.has(flag)) value();
    else if (known.plain.test(flag)) {
      insecure ||= known.insecure.test(flag);
      fails ||= known.fails?.test(flag) === true;
    } else if (flag.startsWith('-')) return null;
    else urls.push(flag);
  }
  const [url] = urls;
  if (url === undefined || urls.length > 1 || !fails) return null;
  return targetOf(url, { headers, ca, insecure });
}

function wordsOf(line: string): readonly string[] | null {
  // A URL may have what a shell reads, in quotes or where it means nothing.
  return SHELL.test(line.replaceAll(/'[^']*'|"[^"$`\\]*"|(?<=\S)\?(?=\S)/g, '')) ? null : splitWords(line);
}

function withoutVariables(words: readonly string[]): readonly string[] | null {
  return words.some((word) => word.includes('$')) ? null : words;
}

/** `--header=X` as two. */
function splitFlag(word: string, { header, ca }: typeof CURL | typeof WGET): readonly [string, string?] {
  const at = word.indexOf('=');
  const flag = word.slice(0, at);
  return at > 0 && (header.has(flag) || flag === ca) ? [flag, word.slice(at + 1)] : [word];
}

interface Said {
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: string | undefined;
  readonly insecure: boolean;
}

function targetOf(text: string, { headers, ca, insecure }: Said): Readonly<Record<string, unknown>> | null {
  const written = /^https?:\/\//.test(text) ? text : `http://${text}`;
  if (!URL.canParse(written)) return null;
  const { protocol, hostname, port, pathname, search, username, password } = new URL(written);
  if (!LOCAL.has(hostname) || username !== '' || password !== '') return null;
  const isSecure = protocol === 'https:';
  return {
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    ...(pathname + search !== '/' && { path: pathname + search }),
    ...(isSecure && { scheme: 'https' }),
    ...(isSecure && insecure && { insecure: true }),
    ...(isSecure && !insecure && ca !== undefined && { ca }),
    // The certificate was judged for the name that was asked for.
    ...(isSecure && !insecure && hostname === 'localhost' && { server_name: 'localhost' }),
    ...(Object.keys(headers).length > 0 && { headers }),
  };
}
