import type { DeploySection } from '../../config/deploy/read-deploy.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import { reloadOf, type HookReload } from './hook-reload.ts';

/** One environment of `deploy`, checked. */
export interface DeployTarget {
  readonly hosts: readonly string[];
  readonly user: string | null;
  readonly port: number | null;
  readonly key: string | null;
  readonly forwardAgent: boolean;
  readonly sshOptions: readonly string[];
  readonly repo: string;
  readonly ref: string;
  /** On the hosts: absolute, or below the home with `~/`. */
  readonly path: string;
  readonly keep: number;
  readonly env: Readonly<Record<string, string>>;
  readonly hooks: Readonly<Record<HookName, string | null>>;
  /** What `post-deploy` ends in, and that deploy does itself. */
  readonly reload: HookReload | null;
}

export type HookName = 'pre-setup' | 'post-setup' | 'pre-deploy-local' | 'pre-deploy' | 'post-deploy';

const HOOKS: readonly HookName[] = [
  'pre-setup',
  'post-setup',
  'pre-deploy-local',
  'pre-deploy',
  'post-deploy',
];
const KNOWN: readonly string[] = [
  ...[
    'user',
    'host',
    'port',
    'key',
    'ssh_options',
    'forward-agent',
    'ref',
    'repo',
    'path',
    'env',
    'keep_releases',
  ],
  ...HOOKS,
];
/** PM2's, without an effect here. */
const INERT: readonly string[] = ['needs_tty', 'fetch'];
const KEPT = 5;
/** A name or address, perhaps with a user; nothing that ssh could take for an option. */
const HOST = /^(?:[A-Za-z0-9_][\w.-]*@)?[A-Za-z0-9_:[][\w.:%\]-]*$/;
const CONTROL = /\p{Cc}/u;

/** Checks what one environment says; every mistake is thrown at once. `notes` are for people. */
export function readTarget(section: DeploySection): {
  readonly target: DeployTarget;
  readonly notes: readonly string[];
} {
  const { settings } = section;
  const failures: Failure[] = [];
  const wrong = (key: string, message: string, hint?: string): void =>
    void failures.push(section.failureAt([key], { message, ...(hint !== undefined && { hint }) }));
  const text = (key: string): string | null => {
    const value = settings[key];
    if (value === undefined || value === null || value === '') return null;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    wrong(key, 'it must be a text');
    return null;
  };
  const line = (key: string): string | null => {
    const value = text(key);
    if (value !== null && (CONTROL.test(value) || value.startsWith('-')))
      wrong(key, 'it must be one line that does not start with -');
    return value;
  };
  const required = (key: string, value: string | null): string => {
    if (
      value === null &&
      failures.every(({ message }) => !message.startsWith(`deploy.`) || !message.includes(`.${key}:`))
    )
      wrong(key, 'it is missing');
    return value ?? '';
  };
  const hosts = [settings['host']]
    .flat()
    .filter((host): host is string => typeof host === 'string' && host !== '');
  if (hosts.length === 0) wrong('host', 'it is missing', 'one host, or a list of hosts');
  if (hosts.some((host) => !HOST.test(host))) wrong('host', 'this is no name of a host');
  const port = text('port');
  if (port !== null && !(/^\d{1,5}$/.test(port) && Number(port) >= 1 && Number(port) <= 65_535))
    wrong('port', 'this is no port');
  const keep = text('keep_releases') ?? String(KEPT);
  if (!/^[1-9]\d{0,2}$/.test(keep)) wrong('keep_releases', 'it must be a number from 1 to 999');
  const path = required('path', line('path'));
  if (path !== '' && !/^(?:\/|~\/)[^/]/.test(path)) wrong('path', 'it must be absolute, or start with ~/');
  const ref = required('ref', line('ref'));
  if (ref !== '' && refProblem(ref) !== null) wrong('ref', refProblem(ref) ?? '');
  const options = [settings['ssh_options'] ?? []].flat();
  if (!options.every((option): option is string => typeof option === 'string' && !CONTROL.test(option))) {
    wrong('ssh_options', 'they must be texts such as ServerAliveInterval=30');
  }
  const env = environmentOf(settings['env'], wrong);
  const hooks = Object.fromEntries(HOOKS.map((name) => [name, text(name)])) as Record<
    HookName,
    string | null
  >;
  const post = reloadOf(hooks['post-deploy']);
  const target: DeployTarget = {
    hosts,
    user: line('user'),
    port: port === null ? null : Number(port),
    key: line('key'),
    forwardAgent: ['yes', 'true', true].includes(settings['forward-agent'] as string),
    sshOptions: options.map(String),
    repo: required('repo', line('repo')),
    ref,
    path: path.replace(/\/+$/, ''),
    keep: Number(keep),
    env,
    hooks: { ...hooks, 'post-deploy': post.rest },
    reload: post.reload,
  };
  const [first, ...rest] = failures;
  if (first !== undefined) throw new FailureError(first, ...rest);
  return { target, notes: [...post.notes, ...keyNotes(settings)] };
}

/** What is wrong with a branch, tag or commit; null: nothing. */
export function refProblem(ref: string): string | null {
  const isFine =
    /^[\w@][\w./@+#-]*$/.test(ref) && !ref.includes('..') && !ref.includes('@{') && ref.length <= 250;
  return isFine ? null : `${JSON.stringify(ref)} is no branch, tag or commit`;
}

function environmentOf(
  given: unknown,
  wrong: (key: string, message: string) => void,
): Readonly<Record<string, string>> {
  if (given === undefined || given === null) return {};
  if (typeof given !== 'object' || Array.isArray(given)) {
    wrong('env', 'it must be a map of variables');
    return {};
  }
  const entries = Object.entries(given).filter(([, value]) => value !== null && value !== undefined);
  if (entries.some(([name, value]) => !/^[A-Za-z_]\w*$/.test(name) || String(value).includes('\0'))) {
    wrong('env', 'a shell cannot have a variable of this name or value');
  }
  return Object.fromEntries(
    entries.map(([name, value]) => [name, typeof value === 'object' ? JSON.stringify(value) : String(value)]),
  );
}

function keyNotes(settings: DeploySection['settings']): readonly string[] {
  return Object.keys(settings).flatMap((key) => {
    if (KNOWN.includes(key)) return [];
    return [INERT.includes(key) ? `${key} has no effect here` : `${key} is not known, and has no effect`];
  });
}
