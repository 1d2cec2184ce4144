import { isAbsolute, normalize } from 'node:path';
import { err, ok, type Result } from '../../lib/result.ts';
import { parseDuration } from '../../lib/units.ts';
import { hooksOf, webhookOf, windowsOf } from './surroundings.ts';
import { pathFrom, type FileContext, type Problem } from '../declared/problem.ts';
import { parseRemote } from '../../sources/git/remote.ts';
import { refNameProblem } from '../../sources/git/refs/ref-name.ts';
import type {
  BuildSpec,
  GitOrigin,
  SourceOrigin,
  SourceSpec,
  VerifySpec,
} from '../../sources/model/source.ts';
import type { Source } from '../generated/sources-file.ts';
import type { SourcePath } from '../read/source.ts';

const POLL_MS = { follow: 1_000, git: 60_000 } as const;
const MIN_POLL_MS = { follow: 200, git: 1_000 } as const;
const BUILD_TIMEOUT_MS = 10 * 60_000;
const KEPT_RELEASES = 5;
const WAIT_TIMEOUT_MS = 60 * 60_000;

/** Keys that mean nothing for a file that is followed. */
const GIT_ONLY = [
  ...(['ref', 'path', 'auth', 'insecure', 'allow_force_push', 'verify'] as const),
  ...(['build', 'hooks', 'webhook', 'keep', 'wait_for'] as const),
] as const;

/** A source that the schema takes, with everything that the schema cannot say of it checked. */
export function normalised(source: Source, context: FileContext): Result<SourceSpec, readonly Problem[]> {
  const problems: Problem[] = [];
  const from = originOf(source, context, problems);
  const kind = source.git === undefined ? 'follow' : 'git';
  const poll = pollOf(source, kind, problems);
  const windows = windowsOf(source, problems);
  if (source.self_heal === true && source.sync === 'observe') {
    problems.push({
      path: ['self_heal'],
      message: 'needs a source that applies, and this one is only observed',
      hint: 'sync: manual applies when somebody asks; without self_heal, what differs is shown',
    });
  }
  if (from === null || problems.length > 0) return err(problems);
  return ok({
    name: source.name,
    from,
    environment: source.environment ?? null,
    ...poll,
    sync: source.sync ?? 'auto',
    prune: source.prune ?? true,
    ...(source.self_heal === true && { selfHeal: true as const }),
    onFailure: source.on_failure ?? 'app',
    windows,
    hosts: source.hosts ?? null,
  });
}

function pollOf(
  { poll }: Source,
  kind: 'follow' | 'git',
  problems: Problem[],
): Pick<SourceSpec, 'pollMs' | 'usualPoll'> {
  if (poll === undefined || poll === true) {
    return { pollMs: POLL_MS[kind], ...(kind === 'git' && { usualPoll: true as const }) };
  }
  if (poll === false) return { pollMs: null };
  const ms = parseDuration(poll) ?? 0;
  if (ms >= MIN_POLL_MS[kind]) return { pollMs: ms };
  const message = `${JSON.stringify(poll)} is less than ${MIN_POLL_MS[kind]}ms`;
  problems.push({ path: ['poll'], message, hint: 'a plain number is milliseconds; false: never by itself' });
  return { pollMs: null };
}

function originOf(source: Source, context: FileContext, problems: Problem[]): SourceOrigin | null {
  const { follow, git } = source;
  if (follow !== undefined && git !== undefined) {
    const message = 'a source follows a file or a repository, not both';
    problems.push({ path: ['git'], target: 'key', message, hint: 'leave one of follow and git out' });
    return null;
  }
  if (git !== undefined) return gitOrigin(git, source, context, problems);
  if (follow === undefined) {
    const message = 'follow or git is missing';
    problems.push({ path: [], message, hint: 'name the ecosystem file to follow, or the repository' });
    return null;
  }
  for (const key of GIT_ONLY) {
    if (source[key] === undefined) continue;
    problems.push({
      path: [key],
      target: 'key',
      message: 'is of repositories, and this source follows a file',
    });
  }
  return { kind: 'follow', file: pathFrom(follow, context) };
}

function gitOrigin(git: string, source: Source, context: FileContext, problems: Problem[]): GitOrigin | null {
  const remote = parseRemote(git, { insecure: source.insecure === true });
  if (!remote.ok) {
    problems.push({ path: ['git'], message: remote.error });
    return null;
  }
  const path = insideOf(source.path ?? '', ['path'], problems);
  return {
    kind: 'git',
    remote: git,
    insecure: source.insecure ?? false,
    ref: refOf(source, problems),
    path,
    auth: authOf(source, remote.value.protocol, context, problems),
    allowForcePush: source.allow_force_push ?? false,
    verify: verifyOf(source, context, problems),
    build: buildOf(source, problems),
    hooks: hooksOf(source),
    webhook: webhookOf(source, context, problems),
    keep: source.keep ?? KEPT_RELEASES,
    ...waitForOf(source, problems),
  };
}

function waitForOf(
  { wait_for: wait, hosts: named, poll }: Source,
  problems: Problem[],
): Pick<GitOrigin, 'waitFor'> {
  if (wait === undefined) return {};
  const { host, timeout } = wait;
  const hosts: readonly string[] = named ?? [];
  const isName = (one: string): boolean => !one.includes('=');
  if (!isName(host)) {
    const message = `${JSON.stringify(host)} is a label, and many hosts may have it`;
    problems.push({ path: ['wait_for', 'host'], message, hint: 'name one host' });
  } else if (hosts.length > 0 && hosts.every(isName) && !hosts.includes(host)) {
    const message = `${JSON.stringify(host)} is none of the hosts of this source, so it never says anything`;
    problems.push({ path: ['wait_for', 'host'], message, hint: 'add it to hosts' });
  }
  if (poll === false) {
    const message = 'needs a source that is polled: what another host says is looked for, and nobody calls';
    problems.push({ path: ['wait_for'], target: 'key', message, hint: 'leave poll: false out' });
  }
  const timeoutMs = timeout === undefined ? WAIT_TIMEOUT_MS : (parseDuration(timeout) ?? WAIT_TIMEOUT_MS);
  return { waitFor: { host, timeoutMs } };
}

function refOf({ ref = {} }: Source, problems: Problem[]): GitOrigin['ref'] {
  if (ref.semver !== undefined) return { semver: ref.semver };
  if (ref.commit !== undefined) return { commit: ref.commit };
  const [kind, name] =
    ref.tag === undefined ? (['branch', ref.branch ?? 'main'] as const) : (['tag', ref.tag] as const);
  const wrong = refNameProblem(name);
  if (wrong !== null) problems.push({ path: ['ref', kind], message: `${JSON.stringify(name)}: ${wrong}` });
  return kind === 'tag' ? { tag: name } : { branch: name };
}

function authOf(
  { auth = {} }: Source,
  protocol: string,
  context: FileContext,
  problems: Problem[],
): GitOrigin['auth'] {
  const {
    token_file: token,
    password_file: password,
    username,
    ssh_key_file: key,
    known_hosts_file: hosts,
  } = auth;
  const secret = token ?? password;
  const isWeb = protocol === 'https' || protocol === 'http';
  const refuse = (name: string, message: string): void => {
    problems.push({ path: ['auth', name], target: 'key', message });
  };
  for (const name of Object.keys(auth)) {
    const isOfSsh = name === 'ssh_key_file' || name === 'known_hosts_file';
    if (isOfSsh && protocol !== 'ssh')
      refuse(name, `is for ssh, and the repository is reached by ${protocol}`);
    if (!isOfSsh && !isWeb) refuse(name, `is for https, and the repository is reached by ${protocol}`);
  }
  if (token !== undefined && password !== undefined) refuse('password_file', 'there is token_file already');
  if (username !== undefined && secret === undefined) refuse('username', 'needs password_file or token_file');
  if (secret !== undefined) {
    return {
      kind: 'secret',
      secretFile: pathFrom(secret, context),
      ...(username !== undefined && { username }),
    };
  }
  if (protocol !== 'ssh') return { kind: 'none' };
  return {
    kind: 'ssh',
    ...(key !== undefined && { keyFile: pathFrom(key, context) }),
    ...(hosts !== undefined && { knownHostsFile: pathFrom(hosts, context) }),
  };
}

function verifyOf(
  { verify, ref = {} }: Source,
  context: FileContext,
  problems: Problem[],
): VerifySpec | null {
  if (verify === undefined) return null;
  const { signers, revoked_file: revoked, mode = 'head' } = verify;
  if (mode === 'tag' && ref.tag === undefined && ref.semver === undefined) {
    problems.push({
      path: ['verify', 'mode'],
      message: 'tag needs a source that follows tags',
      hint: 'follow a tag or a range (ref), or verify commits: mode: head',
    });
  }
  // A list holds keys as well as files; a key has a space behind its kind, or is armored.
  const read = (one: string): string => (/^\S+\s/.test(one.trim()) ? one : pathFrom(one, context));
  return {
    signers: typeof signers === 'string' ? read(signers) : signers.map(read),
    ...(revoked !== undefined && { revokedFile: pathFrom(revoked, context) }),
    mode,
  };
}

function buildOf({ build }: Source, problems: Problem[]): BuildSpec | null {
  if (build === undefined) return null;
  const { command, timeout, inputs, cache = [], env = {} } = build;
  return {
    command,
    timeoutMs: timeout === undefined ? BUILD_TIMEOUT_MS : (parseDuration(timeout) ?? BUILD_TIMEOUT_MS),
    inputs: inputs?.map((path, index) => insideOf(path, ['build', 'inputs', index], problems)) ?? null,
    cache: cache.map((path, index) => insideOf(path, ['build', 'cache', index], problems)),
    env,
  };
}

/** A path in the repository, without `./`; one that leads out of it is a problem. */
function insideOf(path: string, at: SourcePath, problems: Problem[]): string {
  if (path === '') return '';
  const inside = normalize(path).replace(/\/$/, '');
  if (isAbsolute(path) || inside === '..' || inside.startsWith('../')) {
    const message = `${JSON.stringify(path)} is not in the repository`;
    problems.push({ path: at, message, hint: 'write it relative to the top of the repository' });
  }
  return inside === '.' ? '' : inside;
}
