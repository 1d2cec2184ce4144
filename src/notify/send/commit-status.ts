import { parseRemote } from '../../sources/git/remote.ts';
import type { CommitStatusTarget, Provider } from '../model/receiver.ts';
import type { CommitState, StatusItem } from '../model/record.ts';
import { oneLine } from '../render/text.ts';
import { resultOf } from './answer.ts';
import type { SendResult } from './jobs.ts';
import { readSecret, SendProblem } from './secrets.ts';
import { deliveryHeaders } from './webhook.ts';
import { ask, webAddress, type WebAnswer } from './web.ts';

/** How an API of commit statuses is spoken to. */
interface Dialect {
  /** Behind the host, where none is declared. */
  readonly base: (host: string) => string;
  readonly path: (repository: string, commit: string) => string;
  readonly auth: (token: string) => Readonly<Record<string, string>>;
  readonly states: Readonly<Record<CommitState, string>>;
  /** The key of the label that tells statuses of one commit apart. */
  readonly label: 'context' | 'name';
  /** The most that a description may hold. */
  readonly most: number;
  /** The key of the answer that has the state. */
  readonly answer: 'state' | 'status';
}

const DIALECTS: Readonly<Record<Provider, Dialect>> = {
  github: {
    base: (host) => (host === 'github.com' ? 'https://api.github.com' : `https://${host}/api/v3`),
    path: (repository, commit) => `/repos/${encodedParts(repository)}/statuses/${commit}`,
    auth: (token) => ({
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
    }),
    states: { pending: 'pending', success: 'success', failure: 'failure', superseded: 'error' },
    label: 'context',
    most: 140,
    answer: 'state',
  },
  gitlab: {
    base: (host) => `https://${host}/api/v4`,
    path: (repository, commit) => `/projects/${encodeURIComponent(repository)}/statuses/${commit}`,
    auth: (token) => ({ 'private-token': token }),
    states: { pending: 'running', success: 'success', failure: 'failed', superseded: 'canceled' },
    label: 'name',
    most: 255,
    answer: 'status',
  },
  gitea: {
    base: (host) => `https://${host}/api/v1`,
    path: (repository, commit) => `/repos/${encodedParts(repository)}/statuses/${commit}`,
    auth: (token) => ({ authorization: `token ${token}` }),
    states: { pending: 'pending', success: 'success', failure: 'failure', superseded: 'warning' },
    label: 'context',
    most: 255,
    answer: 'status',
  },
};

/** `stateward/web-1/shop`: what tells the status of this host and source from others of the commit. */
export function statusContext(host: string, source: string): string {
  return `stateward/${host}/${source}`;
}

/** Tells the state of a commit where it is hosted. */
export async function sendCommitStatus(
  target: CommitStatusTarget,
  { id, host, status }: { readonly id: string; readonly host: string; readonly status: StatusItem },
): Promise<SendResult> {
  const dialect = DIALECTS[target.provider];
  const token = await readSecret(target.tokenFile, 'the token');
  const { url, repository } = placeOf(target, status, dialect);
  const state = dialect.states[status.state];
  const text = oneLine(status.message);
  const description = text.length > dialect.most ? `${text.slice(0, dialect.most - 1)}…` : text;
  const body = JSON.stringify({ state, description, [dialect.label]: statusContext(host, status.source) });
  const headers = { ...deliveryHeaders(id), ...dialect.auth(token) };
  const begun = performance.now();
  const answer = await ask({ method: 'POST', url, headers, body, caFile: target.caFile });
  const tookMs = performance.now() - begun;
  const steps = [`POST to ${url.origin}${url.pathname}, ${state} of ${repository}`];
  // GitLab refuses to make a status what it is already.
  if (
    target.provider === 'gitlab' &&
    answer.status === 400 &&
    /Cannot transition status/i.test(answer.body)
  ) {
    return {
      ok: true,
      message: `${url.host} has it as ${state} already`,
      steps: [...steps, '400: it is so already'],
    };
  }
  const result = resultOf(url, answer, { secrets: [token], tookMs, steps });
  if (!result.ok || stateIn(answer, dialect) !== null) return result;
  const message = `${result.message}, but not with a commit status: is the address that of the API?`;
  return { ok: false, message, steps: [...result.steps, message] };
}

/** Asks for the repository, and changes nothing: what `notify test` can do without a commit. */
export async function tryCommitStatus(
  target: CommitStatusTarget,
  remotes: readonly { readonly source: string; readonly remote: string }[],
): Promise<SendResult> {
  const dialect = DIALECTS[target.provider];
  const token = await readSecret(target.tokenFile, 'the token');
  const [first] = remotes;
  if (first === undefined) throw new SendProblem('there is no git source whose commits it would tell of');
  const { url: statusUrl, repository } = placeOf(target, { ...first, commit: '' }, dialect);
  const url = new URL(statusUrl.href.replace(/\/statuses\/$/, ''));
  const begun = performance.now();
  const headers = { ...deliveryHeaders('test'), ...dialect.auth(token) };
  const answer = await ask({ method: 'GET', url, headers, body: '', caFile: target.caFile });
  const steps = [
    `GET of ${url.origin}${url.pathname}: may the token see ${repository}? No status is written.`,
  ];
  return resultOf(url, answer, { secrets: [token], tookMs: performance.now() - begun, steps });
}

function placeOf(
  { url, repository, insecure }: CommitStatusTarget,
  { remote, commit }: Pick<StatusItem, 'remote' | 'commit'>,
  dialect: Dialect,
): { readonly url: URL; readonly repository: string } {
  const place = remotePlace(remote);
  const base = url ?? (place === null ? null : dialect.base(place.host));
  const name = repository ?? place?.repository ?? null;
  if (base === null || name === null) {
    throw new SendProblem(
      'the source is not fetched from where its commits have statuses: declare url and repository',
    );
  }
  return { url: webAddress(`${base}${dialect.path(name, commit)}`, { insecure }), repository: name };
}

/** Host and repository of `https://host/owner/name.git`, `git@host:owner/name` and the like; null: a folder. */
export function remotePlace(remote: string): { readonly host: string; readonly repository: string } | null {
  const parsed = parseRemote(remote, { insecure: true });
  if (!parsed.ok || parsed.value.protocol === 'file') return null;
  const path = remote.includes('://')
    ? new URL(remote).pathname
    : remote.slice(remote.indexOf(':', remote.lastIndexOf(']') + 1) + 1);
  const repository = decodeURIComponent(path)
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '');
  if (!repository.includes('/')) return null;
  const { protocol, host } = parsed.value;
  // The port of ssh is not that of the web.
  return { host: protocol === 'ssh' ? host.replace(/:\d+$/, '') : host, repository };
}

function encodedParts(repository: string): string {
  return repository.split('/').map(encodeURIComponent).join('/');
}

function stateIn({ body }: WebAnswer, { answer }: Dialect): string | null {
  try {
    const value: unknown = JSON.parse(body);
    const state: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, answer) : null;
    return typeof state === 'string' ? state : null;
  } catch {
    return null;
  }
}
