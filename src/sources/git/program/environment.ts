import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { NETWORK_NAMES } from '../../../spec/environment/network-names.ts';
import type { GitAuth } from '../model.ts';
import type { Remote } from '../remote.ts';

/** Hosts take any name beside a token. */
export const DEFAULT_USER = 'git';

/** What is passed on of the daemon's environment. */
const PASSED = [...NETWORK_NAMES, 'TMPDIR'];

/**
 * Settings of every run. Nothing that a repository, a user or the system has configured counts: each of these would
 * otherwise be a way to have git run something, ask somebody, or go elsewhere.
 */
export const SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.alternateRefsCommand=',
  'core.attributesFile=/dev/null',
  'core.excludesFile=/dev/null',
  'core.autocrlf=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'core.symlinks=true',
  'protocol.ext.allow=never',
  'submodule.recurse=false',
  'fetch.recurseSubmodules=false',
  'fetch.writeCommitGraph=false',
  // One pack for each fetch: it is there whole, or not at all.
  'fetch.unpackLimit=1',
  'transfer.fsckObjects=true',
  'gc.auto=0',
  'maintenance.auto=false',
  'http.followRedirects=false',
  'http.lowSpeedLimit=100',
  'credential.helper=',
  'log.showSignature=false',
  // Written by old programs into many repositories, and harmless.
  ...[
    ...['zeroPaddedFilemode', 'missingSpaceBeforeDate', 'missingSpaceBeforeEmail', 'missingNameBeforeEmail'],
    ...['missingEmail', 'badTimezone', 'badDate', 'badDateOverflow', 'badFilemode', 'badEmail'],
  ].map((name) => `fetch.fsck.${name}=ignore`),
];

/** The environment of every run, made of nothing. */
export function plainEnvironment(
  scratch: string,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const passed = PASSED.flatMap((name) => ((env[name] ?? '') === '' ? [] : [[name, env[name]] as const]));
  // Not every git is built with a library that knows the usual names.
  const { SSL_CERT_FILE: file, SSL_CERT_DIR: folder } = env;
  return {
    ...(file !== undefined && { GIT_SSL_CAINFO: file }),
    ...(folder !== undefined && { GIT_SSL_CAPATH: folder }),
    ...Object.fromEntries(passed),
    PATH: env['PATH'] ?? '/usr/bin:/bin',
    HOME: scratch,
    // The home may lie in a repository of the user, whose configuration does not count.
    GIT_CEILING_DIRECTORIES: dirname(scratch),
    XDG_CONFIG_HOME: scratch,
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_SYSTEM: '/dev/null',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'false',
    SSH_ASKPASS: 'false',
    SSH_ASKPASS_REQUIRE: 'never',
    GIT_ALLOW_PROTOCOL: 'none',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0',
  };
}

/** What is added where the remote is asked: how it is reached, and who we are. No secret is in it, only where it is. */
export function remoteEnvironment(remote: Remote, auth: GitAuth): Record<string, string> {
  return {
    GIT_ALLOW_PROTOCOL: remote.protocol,
    ...(remote.protocol === 'ssh' && {
      GIT_SSH_COMMAND: sshCommand(auth.kind === 'ssh' ? auth : {}),
      GIT_SSH_VARIANT: 'ssh',
    }),
    ...(auth.kind === 'secret' && {
      STATEWARD_GIT_HOST: remote.host,
      STATEWARD_GIT_USER: auth.username ?? DEFAULT_USER,
      STATEWARD_GIT_SECRET: auth.secretFile,
    }),
  };
}

/** Settings that are added where the remote is asked. */
export function remoteSettings(auth: GitAuth, stallMs: number): readonly string[] {
  const slow = `http.lowSpeedTime=${Math.max(1, Math.ceil(stallMs / 1000))}`;
  return auth.kind === 'secret' ? [slow, `credential.helper=${HELPER}`] : [slow];
}

/** Tells git the secret, for the host of the remote alone: a proxy on the way may ask too. */
const HELPER =
  '!f() { test "$1" = get || exit 0; h=; ' +
  'while IFS= read -r l; do case "$l" in host=*) h="${l#host=}";; esac; done; ' +
  'test "$h" = "$STATEWARD_GIT_HOST" || exit 0; ' +
  'printf "username=%s\\npassword=%s\\n" "$STATEWARD_GIT_USER" ' +
  '"$(head -n 1 "$STATEWARD_GIT_SECRET" | tr -d "\\r\\n")"; }; f';

function sshCommand({
  keyFile,
  knownHostsFile,
}: {
  readonly keyFile?: string;
  readonly knownHostsFile?: string;
}): string {
  const options = [
    ...['BatchMode=yes', 'StrictHostKeyChecking=yes', 'UpdateHostKeys=no', 'ConnectTimeout=20'],
    ...['ServerAliveInterval=15', 'ServerAliveCountMax=3', 'ControlMaster=no', 'ControlPath=none'],
    ...[
      'ForwardAgent=no',
      'ForwardX11=no',
      'ClearAllForwardings=yes',
      'PermitLocalCommand=no',
      'LogLevel=ERROR',
    ],
    `UserKnownHostsFile=${quotedForSsh(knownHostsFile ?? join(homeOfUser(), '.ssh/known_hosts'))}`,
    ...(knownHostsFile === undefined ? [] : ['GlobalKnownHostsFile=/dev/null']),
    ...(keyFile === undefined ? [] : ['IdentitiesOnly=yes', `IdentityFile=${quotedForSsh(keyFile)}`]),
  ];
  return ['ssh', '-F', '/dev/null', ...options.flatMap((option) => ['-o', option])]
    .map(quotedForShell)
    .join(' ');
}

function homeOfUser(): string {
  try {
    return homedir();
  } catch {
    return '/nonexistent';
  }
}

/** ssh splits its options at spaces, and expands percent signs. */
function quotedForSsh(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}

function quotedForShell(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
