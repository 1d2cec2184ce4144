import { isAbsolute, join } from 'node:path';
import { parseDuration } from '../../lib/units.ts';
import type {
  Address,
  CommitStatusTarget,
  EmailTarget,
  ExecTarget,
  SlackTarget,
  WebhookTarget,
} from '../../notify/model/receiver.ts';
import { pathFrom, type FileContext, type Problem } from '../declared/problem.ts';
import type { Receiver } from '../generated/notify-file.ts';
import type { SourcePath } from '../read/source.ts';

const EXEC_TIMEOUT_MS = 30_000;
const LONGEST_EXEC_MS = 5 * 60_000;
const PORTS = { starttls: 587, tls: 465, none: 25 } as const;
const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|\[::1\])$/i;
/** Enough to find what was meant to be an address; the server knows better. */
const MAILBOX = /^[\w.!#$%&'*+/=?^`{|}~-]+@[\w.[\]:-]+$/;

type Of<K extends keyof Receiver> = NonNullable<Receiver[K]>;

export function webhookOf(
  webhook: Of<'webhook'>,
  context: FileContext,
  problems: Problem[],
): WebhookTarget | null {
  const address = addressOf('webhook', webhook, context, problems);
  if (address === null) return null;
  return {
    kind: 'webhook',
    address,
    ...webOf(webhook, context),
    secretFile: fileOf(webhook.secret_file, context),
    tokenFile: fileOf(webhook.token_file, context),
  };
}

export function slackOf(slack: Of<'slack'>, context: FileContext, problems: Problem[]): SlackTarget | null {
  const address = addressOf('slack', slack, context, problems);
  return address === null ? null : { kind: 'slack', address, ...webOf(slack, context) };
}

export function emailOf(email: Of<'email'>, context: FileContext, problems: Problem[]): EmailTarget {
  const { host, security = 'starttls', from, to, username = null, password_file: password } = email;
  const check = (text: string, path: SourcePath): void => {
    if (MAILBOX.test(text)) return;
    const message = `${JSON.stringify(text)} is not an e-mail address`;
    problems.push({ path, message, hint: 'for example ops@example.org' });
  };
  check(from, ['email', 'from']);
  for (const [index, one] of to.entries()) check(one, ['email', 'to', index]);
  if ((username === null) !== (password === undefined)) {
    const [key, other] = username === null ? ['password_file', 'username'] : ['username', 'password_file'];
    problems.push({ path: ['email', key], target: 'key', message: `needs ${other}` });
  }
  if (password !== undefined && security === 'none' && !LOOPBACK.test(host)) {
    const message = 'a password is not sent where everybody on the way can read it';
    problems.push({ path: ['email', 'security'], message, hint: 'write starttls or tls' });
  }
  return {
    kind: 'email',
    host,
    port: email.port ?? PORTS[security],
    security,
    from,
    recipients: to,
    username,
    passwordFile: fileOf(password, context),
    caFile: fileOf(email.ca_file, context),
  };
}

export function execOf(
  { command, timeout }: Of<'exec'>,
  context: FileContext,
  problems: Problem[],
): ExecTarget {
  const timeoutMs = timeout === undefined ? EXEC_TIMEOUT_MS : (parseDuration(timeout) ?? EXEC_TIMEOUT_MS);
  if (timeoutMs > LONGEST_EXEC_MS) {
    problems.push({ path: ['exec', 'timeout'], message: `${JSON.stringify(timeout)} is more than 5m` });
  }
  const [program, ...args] = command;
  // A name alone is looked for on PATH.
  const file = program.includes('/') && !isAbsolute(program) ? join(context.folder, program) : program;
  return { kind: 'exec', command: [file, ...args], cwd: context.folder, timeoutMs };
}

export function commitStatusOf(
  status: Of<'commit_status'>,
  context: FileContext,
  problems: Problem[],
): CommitStatusTarget {
  const { provider, url = null, repository = null, insecure = false } = status;
  if (url !== null) checkUrl(url, ['commit_status', 'url'], problems);
  if (repository !== null && !/^[^/\s]+(?:\/[^/\s]+)+$/.test(repository)) {
    const message = `${JSON.stringify(repository)} is not a repository`;
    problems.push({ path: ['commit_status', 'repository'], message, hint: 'for example acme/shop' });
  }
  return {
    kind: 'commit_status',
    provider,
    url: url === null ? null : url.replace(/\/+$/, ''),
    repository,
    tokenFile: pathFrom(status.token_file, context),
    sources: status.sources ?? null,
    caFile: fileOf(status.ca_file, context),
    insecure,
  };
}

function addressOf(
  key: 'webhook' | 'slack',
  { url, url_file: file, insecure = false }: Of<'webhook'>,
  context: FileContext,
  problems: Problem[],
): Address | null {
  if (url === undefined && file === undefined) {
    problems.push({
      path: [key],
      message: 'url_file or url is missing',
      hint: 'say where messages are posted',
    });
    return null;
  }
  if (url !== undefined && file !== undefined) {
    problems.push({ path: [key, 'url'], target: 'key', message: 'there is url_file already' });
    return null;
  }
  if (file !== undefined) return { kind: 'file', file: pathFrom(file, context) };
  if (url === undefined) return null;
  const parsed = checkUrl(url, [key, 'url'], problems);
  if (parsed?.protocol === 'http:' && !insecure && !LOOPBACK.test(parsed.hostname)) {
    const message = `plain http to ${parsed.hostname} can be read by everybody on the way`;
    problems.push({ path: [key, 'url'], message, hint: 'write https, or insecure: true' });
  }
  return { kind: 'url', url };
}

/** What is wrong with an address is told without it: it may hold a token. */
function checkUrl(text: string, path: SourcePath, problems: Problem[]): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null) {
    problems.push({
      path,
      message: 'this is not a URL',
      hint: 'for example https://alerts.example.org/hook',
    });
    return null;
  }
  if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  problems.push({ path, message: `${url.protocol} is not a way to reach it`, hint: 'write https' });
  return null;
}

function webOf(
  { ca_file: ca, insecure = false }: { readonly ca_file?: string; readonly insecure?: boolean },
  context: FileContext,
): { readonly caFile: string | null; readonly insecure: boolean } {
  return { caFile: fileOf(ca, context), insecure };
}

function fileOf(path: string | undefined, context: FileContext): string | null {
  return path === undefined ? null : pathFrom(path, context);
}
