import { isSecretName, secretNames } from './secret-names.ts';
import { joined, replaceSpans, secretSpans, type TextSpan } from './secret-text.ts';
import { LEAST_HIDDEN, withoutHidden, WORTH_LOOKING } from './known-values.ts';
import { mapCommands } from '../commands/command-paths.ts';
import { shellLineAt } from '../commands/shell-line.ts';
import { PROBE_KINDS } from '../probes/network-probe.ts';
import type { AppSpec, ProbeSpec } from '../types.ts';
import type { VariableSource } from './variable-source.ts';

/** Stands for a secret in every output. A file that holds it as a value is refused: it would overwrite the secret. */
export const REDACTED = '<redacted>';

type IsSecret = (name: string) => boolean;

/** `--password x` in a line: a flag, and the word behind it, which may be a flag or a line in its turn. */
const FLAG_WORD =
  /(?<![\w-])(--?[A-Za-z][\w.-]*)["']?(?:,?\s+)(?=("(?:[^"\\]|\\.)*"?|'[^']*'?|[^\s"',;|&)\]]+))/g;
/** `-u user:password`, as curl and others have it; `1000:1000` is a user and a group. */
const USER_PASSWORD =
  /(?<![\w-])(?:-u|--user|--proxy-user)(?:=|\s+)["']?[\w.@+-]+:(?!\d+(?:["'\s]|$))([^\s"']+)/g;
/** Programs that take a password behind a short flag. */
const SHORT_FLAG =
  /\b(?:sshpass\s+-p\s*|redis-cli\b[^|;&\n]{0,200}?\s-a\s+|(?:mysql|mysqldump|mysqladmin|mariadb)\b[^|;&\n]{0,200}?\s-p(?=\S))["']?([^\s"']+)/g;

/** The text without what looks like a secret: tokens by their forms, passwords of URLs, `token=x`, headers. */
export function redactText(text: string): string {
  const shown = withoutHidden(text, REDACTED);
  return replaceSpans(shown, secretSpans(shown), () => REDACTED);
}

/** A value under its name: wholly redacted when the name is that of a secret, else without the secrets in it. */
export function redactVariable(name: string, value: string, isSecret: IsSecret = isSecretName): string {
  return isSecret(name) && value !== '' ? REDACTED : redactText(value);
}

/** Arguments: `--token=x`, `--token x`, the line behind `sh -c`, and what is a secret by its form. */
export function redactArgs(
  args: readonly string[],
  isSecret: IsSecret = isSecretName,
  line = shellLineAt(args),
): readonly string[] {
  return args.map((arg, index) => {
    if (index === line) return redactLine(arg, isSecret);
    const before = args[index - 1] ?? '';
    const isValue = /^--?[A-Za-z][^=]*$/.test(before) && !arg.startsWith('-');
    if (isValue && isSecret(before)) return REDACTED;
    const [, user] =
      isValue && /^(?:-u|--user|--proxy-user)$/.test(before) ? (/^([^:]+):(?!\d+$)./.exec(arg) ?? []) : [];
    if (user !== undefined) return `${user}:${REDACTED}`;
    const [, flag] = /^(--?[A-Za-z][\w.-]*|[A-Za-z_]\w*)=./s.exec(arg) ?? [];
    return flag !== undefined && isSecret(flag) ? `${flag}=${REDACTED}` : redactText(arg);
  });
}

/** A shell line: `TOKEN=x cmd --password y`. Its blanks stay as they are. */
export function redactLine(line: string, isSecret: IsSecret = isSecretName): string {
  return replaceSpans(line, lineSpans(line, isSecret), () => REDACTED);
}

/** A line with its secrets masked, as long as it was. */
export function maskLine(line: string, isSecret: IsSecret, more: readonly TextSpan[] = []): string {
  return replaceSpans(line, joined([...lineSpans(line, isSecret), ...more]), (secret) =>
    '*'.repeat(secret.length),
  );
}

function lineSpans(line: string, isSecret: IsSecret): readonly TextSpan[] {
  const found: TextSpan[] = [...secretSpans(line, isSecret)];
  for (const match of line.matchAll(FLAG_WORD)) {
    const [whole, flag = '', value = ''] = match;
    if (!isSecret(flag) || /^["']?(?:-|\$)/.test(value)) continue;
    const start = match.index + whole.length;
    found.push({ start, end: start + value.length });
  }
  for (const pattern of [USER_PASSWORD, SHORT_FLAG]) {
    for (const { 0: whole, 1: value = '', index } of line.matchAll(pattern)) {
      if (!value.startsWith('$'))
        found.push({ start: index + whole.length - value.length, end: index + whole.length });
    }
  }
  return joined(found);
}

type Headers = Readonly<Record<string, string>>;
type Revealing = Pick<AppSpec, 'env' | 'secrets'> &
  Partial<Pick<AppSpec, 'readiness' | 'liveness' | 'startup'>>;

/** What an app's texts are shown through: beside what looks like a secret, the values of its own are taken out. */
export function redactorOf(spec: Revealing): (text: string) => string {
  const known = REDACTORS.get(spec);
  if (known !== undefined) return known;
  const values = secretValues(spec);
  const redactor = (text: string): string => {
    const shown = values.reduce((left, value) => left.replaceAll(value, REDACTED), text);
    return redactText(shown);
  };
  REDACTORS.set(spec, redactor);
  return redactor;
}

const REDACTORS = new WeakMap<object, (text: string) => string>();

/** The longest first, so that a secret which is part of another one leaves nothing of it. */
function secretValues(spec: Revealing): readonly string[] {
  const { env, secrets } = spec;
  const isSecret = secretNames(secrets);
  const headers = PROBE_KINDS.flatMap((kind) => {
    const { http, grpc } = spec[kind] ?? {};
    return Object.entries({ ...http?.headers, ...grpc?.headers });
  });
  const values = [...Object.entries(env), ...headers].flatMap(([name, value]) => {
    if (!isSecret(name) || value.includes(REDACTED)) return [];
    const isListed = !isSecretName(name) && value.length >= LEAST_HIDDEN;
    return isListed || WORTH_LOOKING.test(value) ? [value] : [];
  });
  return values.toSorted((a, b) => b.length - a.length);
}

/** The spec as it may be shown to anybody. A spec is never changed, so what was shown of it once is shown again. */
export function redactSpec(spec: AppSpec): AppSpec {
  const known = SHOWN.get(spec);
  if (known !== undefined) return known;
  const shown = shownSpec(spec);
  SHOWN.set(spec, shown);
  return shown;
}

/** The labels of a spec as they may be shown to anybody. */
export function redactLabels(spec: Pick<AppSpec, 'env' | 'secrets' | 'labels'>): AppSpec['labels'] {
  // Most apps have none, and all of them are listed often.
  if (Object.keys(spec.labels).length === 0) return spec.labels;
  return redactValues(spec.labels, redactorOf(spec), secretNames(spec.secrets));
}

function redactValues(
  values: Readonly<Record<string, string>>,
  text: (value: string) => string,
  isSecret: IsSecret,
): Readonly<Record<string, string>> {
  return mapValues(values, (value, name) => text(redactVariable(name, value, isSecret)));
}

const SHOWN = new WeakMap<AppSpec, AppSpec>();

function shownSpec(spec: AppSpec): AppSpec {
  const isSecret = secretNames(spec.secrets);
  const text = redactorOf(spec);
  const all = (texts: readonly string[]): readonly string[] => texts.map(text);
  const probe = (value: ProbeSpec | null): ProbeSpec | null => {
    if (value === null) return null;
    const { http, grpc, log } = value;
    const headers = (given: Headers | undefined): { headers?: Headers } =>
      given === undefined ? {} : { headers: redactValues(given, text, isSecret) };
    return {
      ...value,
      ...(http !== undefined && {
        http: { ...http, path: text(http.path), host: text(http.host), ...headers(http.headers) },
      }),
      ...(grpc !== undefined && { grpc: { ...grpc, ...headers(grpc.headers) } }),
      ...(log !== undefined && { log: text(log) }),
    };
  };
  const nullable = (value: string | null): string | null => (value === null ? null : text(value));
  const commands = mapCommands(spec, (command) => all(redactArgs(command.map(String), isSecret)));
  return {
    ...commands,
    script: text(spec.shell ? redactLine(spec.script, isSecret) : spec.script),
    args: all(redactArgs([spec.script, ...spec.args], isSecret).slice(1)),
    interpreter: text(spec.interpreter),
    interpreter_args: all(redactArgs(spec.interpreter_args, isSecret)),
    cwd: text(spec.cwd),
    env: redactValues(spec.env, text, isSecret),
    env_from: mapValues(spec.env_from, (source, name) => shownSource(source, name, isSecret)),
    labels: redactValues(spec.labels, text, isSecret),
    readiness: probe(commands.readiness),
    liveness: probe(commands.liveness),
    startup: probe(commands.startup),
    out_file: nullable(spec.out_file),
    error_file: nullable(spec.error_file),
    log_file: nullable(spec.log_file),
  };
}

function shownSource(source: VariableSource, name: string, isSecret: IsSecret): VariableSource {
  const { from_exec, default: given } = source;
  return {
    ...source,
    ...(from_exec !== undefined && { from_exec: [...redactArgs(from_exec, isSecret)] }),
    ...(given !== undefined && { default: redactVariable(name, given, isSecret) }),
  };
}

function mapValues<T>(
  map: Readonly<Record<string, T>>,
  change: (value: T, name: string) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value, name)]));
}

/** Data of any form: what is under the name of a secret, and every text through `text`. */
export function redactData(data: unknown, text: (value: string) => string = redactText): unknown {
  if (typeof data === 'string') return text(data);
  if (Array.isArray(data)) return data.map((item) => redactData(item, text));
  if (typeof data !== 'object' || data === null) return data;
  return Object.fromEntries(
    Object.entries(data).map(([name, value]: [string, unknown]) => [
      name,
      typeof value === 'string' && value !== '' && isSecretName(name) ? REDACTED : redactData(value, text),
    ]),
  );
}
