import type { AppSpec } from './types.ts';

/** Stands for a secret in every output. A file that holds it as a value is refused: it would overwrite the secret. */
export const REDACTED = '<redacted>';

const SECRET_WORDS = new Set([
  ...['TOKEN', 'TOKENS', 'SECRET', 'SECRETS', 'PASSWORD', 'PASSWORDS', 'PASSWD', 'PASS', 'PWD', 'PASSPHRASE'],
  ...[
    'KEY',
    'KEYS',
    'APIKEY',
    'CREDENTIAL',
    'CREDENTIALS',
    'CREDS',
    'AUTH',
    'AUTHORIZATION',
    'DSN',
    'PRIVATE',
  ],
  ...['SALT', 'COOKIE', 'COOKIES', 'JWT', 'CERT', 'SIGNATURE', 'WEBHOOK', 'PAT'],
]);
const SECRET_PARTS = /TOKEN|SECRET|PASSW|APIKEY|CREDENTIAL|PRIVATEKEY|ACCESSKEY/;
/** `scheme://user:password@host`; the user may be empty (`redis://:password@host`). */
export const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/@]*):([^\s/@]+)@/gi;
const SECRET_FLAG = /^(--?[A-Za-z][\w.-]*)=(.+)$/s;

/** Whether a variable, flag or label of this name holds a secret, as far as a name can tell. */
export function isSecretName(name: string): boolean {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .split(/[^A-Z0-9]+/)
    .filter((word) => word !== '');
  // PWD alone is the working directory.
  if (words.length === 1 && words[0] === 'PWD') return false;
  return words.some((word) => SECRET_WORDS.has(word)) || SECRET_PARTS.test(words.join(''));
}

/** The text without the passwords of the URLs in it. */
export function redactText(text: string): string {
  return text.includes('://') ? text.replace(URL_PASSWORD, `$1:${REDACTED}@`) : text;
}

/** A value under its name: wholly redacted when the name is that of a secret, else without passwords in URLs. */
export function redactVariable(name: string, value: string): string {
  return isSecretName(name) && value !== '' ? REDACTED : redactText(value);
}

/** Arguments: `--token=x`, `--token x`, and passwords in URLs. */
export function redactArgs(args: readonly string[]): readonly string[] {
  return args.map((arg, index) => {
    const before = args[index - 1];
    if (
      before !== undefined &&
      /^--?[A-Za-z]/.test(before) &&
      !before.includes('=') &&
      !arg.startsWith('-')
    ) {
      if (isSecretName(before)) return REDACTED;
    }
    const flag = SECRET_FLAG.exec(arg);
    if (flag?.[1] !== undefined && isSecretName(flag[1])) return `${flag[1]}=${REDACTED}`;
    return redactText(arg);
  });
}

/** The spec as it may be shown to anybody. */
export function redactSpec(spec: AppSpec): AppSpec {
  return {
    ...spec,
    script: spec.shell ? redactLine(spec.script) : spec.script,
    args: redactArgs(spec.args),
    interpreter_args: redactArgs(spec.interpreter_args),
    env: redactMap(spec.env),
    labels: redactMap(spec.labels),
    readiness: redactProbe(spec.readiness),
    liveness: redactProbe(spec.liveness),
    startup: redactProbe(spec.startup),
  };
}

function redactProbe(probe: AppSpec['readiness']): AppSpec['readiness'] {
  if (probe?.exec === undefined) return probe;
  return { ...probe, exec: { command: redactArgs(probe.exec.command) } };
}

function redactMap(map: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, redactVariable(name, value)]));
}

/** A shell line: `TOKEN=x cmd --password y`. Its blanks stay as they are. */
function redactLine(line: string): string {
  const parts = line.split(/(\s+)/);
  const words = parts.filter((_, index) => index % 2 === 0);
  const shown = redactArgs(words.map((word) => word.replace(/^([A-Za-z_]\w*)=(.+)$/s, redactAssignment)));
  return parts.map((part, index) => (index % 2 === 0 ? (shown[index / 2] ?? part) : part)).join('');
}

function redactAssignment(_match: string, name: string, value: string): string {
  return `${name}=${redactVariable(name, value)}`;
}
