/**
 * A declared source, normalised: paths are absolute, durations milliseconds. It is what `source apply` sends and what is
 * kept; made of `sources.yaml` by config/sources.
 */
import {
  anyOf,
  isAmount,
  isFlag,
  isInteger,
  isName,
  isOneOf,
  isText,
  listOf,
  mapOf,
  nullable,
  objectOf,
  optional,
  type Check,
} from '../../lib/checks.ts';
import type { GitAuth, GitRef } from '../git/model.ts';

export interface SourceSpec {
  readonly name: string;
  readonly from: SourceOrigin;
  /** As with `--env`. */
  readonly environment: string | null;
  /** How often it is looked at; null: only when somebody asks. */
  readonly pollMs: number | null;
  /** Nobody has declared that: the home says how often its repositories are looked at (`intervals.poll`). */
  readonly usualPoll?: true;
  readonly sync: SyncMode;
  readonly prune: boolean;
  /** What people make otherwise than the applied version declares it is taken back. Absent: it is told. */
  readonly selfHeal?: true;
  /** How far the way back goes when an app fails: as its rollout says, or all to the last good version. */
  readonly onFailure: 'app' | 'project';
  /** When what is new is applied by itself; empty: at any time. */
  readonly windows: readonly WindowSpec[];
  /** Names and labels of the hosts that it is for; null: every host. */
  readonly hosts: readonly string[] | null;
}

export interface WindowSpec {
  readonly kind: 'allow' | 'deny';
  readonly cron: string;
  readonly durationMs: number;
  /** null: that of the host. */
  readonly timeZone: string | null;
}

/**
 * `auto`: what is new is applied. `manual`: it waits for somebody who asks for it. `observe`: it is never applied.
 */
export type SyncMode = 'auto' | 'manual' | 'observe';

/** Where the declaration is. */
export type SourceOrigin = FollowedFile | GitOrigin;

/** A file of this host, applied when it changes. */
export interface FollowedFile {
  readonly kind: 'follow';
  /** Absolute. */
  readonly file: string;
}

/** A repository; each commit is a folder of its own. */
export interface GitOrigin {
  readonly kind: 'git';
  /** As declared, without a secret. */
  readonly remote: string;
  readonly insecure: boolean;
  readonly ref: GitRef;
  /** Of the ecosystem file, or a folder, in the repository; empty: the top. */
  readonly path: string;
  readonly auth: GitAuth;
  readonly allowForcePush: boolean;
  readonly verify: VerifySpec | null;
  readonly build: BuildSpec | null;
  readonly hooks: SourceHooks;
  readonly webhook: WebhookSpec | null;
  /** How many releases are kept. */
  readonly keep: number;
  /** Who goes first. Absent: every host by itself. */
  readonly waitFor?: WaitForSpec;
}

/** A version is applied when this host has succeeded with it; on that host, it is to say so. */
export interface WaitForSpec {
  readonly host: string;
  /** It is told when it says nothing for so long. */
  readonly timeoutMs: number;
}

export interface WebhookSpec {
  readonly secretFile: string;
  /** `127.0.0.1:9097` */
  readonly listen: string;
}

/** Commands around a version. Absent: none. */
export interface SourceHooks {
  readonly before_apply?: HookSpec;
  readonly smoke?: HookSpec;
  readonly after_apply?: HookSpec;
}

export interface HookSpec {
  readonly command: readonly string[];
  readonly timeoutMs: number;
}

export interface VerifySpec {
  /** A file, absolute, or keys and files. */
  readonly signers: string | readonly string[];
  /** SSH keys that may not sign any more; absolute. Absent: none. */
  readonly revokedFile?: string;
  readonly mode: 'head' | 'tag' | 'all';
}

export interface BuildSpec {
  readonly command: readonly string[];
  readonly timeoutMs: number;
  /** What it reads; null: not known, so everything counts. */
  readonly inputs: readonly string[] | null;
  readonly cache: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const isRef: Check = anyOf(
  objectOf<{ branch: string }>({ branch: isText }),
  objectOf<{ tag: string }>({ tag: isText }),
  objectOf<{ semver: string }>({ semver: isText }),
  objectOf<{ commit: string }>({ commit: isText }),
);

const isAuth: Check = anyOf(
  objectOf<{ kind: 'none' }>({ kind: isOneOf('none') }),
  objectOf<Extract<GitAuth, { kind: 'secret' }>>({
    kind: isOneOf('secret'),
    secretFile: isText,
    username: optional(isText),
  }),
  objectOf<Extract<GitAuth, { kind: 'ssh' }>>({
    kind: isOneOf('ssh'),
    keyFile: optional(isText),
    knownHostsFile: optional(isText),
  }),
);

const isVerify: Check = objectOf<VerifySpec>({
  signers: anyOf(isText, listOf(isText)),
  revokedFile: optional(isText),
  mode: isOneOf('head', 'tag', 'all'),
});

const isBuild: Check = objectOf<BuildSpec>({
  command: listOf(isText),
  timeoutMs: isAmount,
  inputs: nullable(listOf(isText)),
  cache: listOf(isText),
  env: mapOf(isText),
});

const isHook: Check = optional(objectOf<HookSpec>({ command: listOf(isText), timeoutMs: isAmount }));

const isWindow: Check = objectOf<WindowSpec>({
  kind: isOneOf('allow', 'deny'),
  cron: isText,
  durationMs: isAmount,
  timeZone: nullable(isText),
});

const isOrigin: Check = anyOf(
  objectOf<FollowedFile>({ kind: isOneOf('follow'), file: isText }),
  objectOf<GitOrigin>({
    kind: isOneOf('git'),
    remote: isText,
    insecure: isFlag,
    ref: isRef,
    path: (value, path) => (typeof value === 'string' ? null : `${path} must be a string`),
    auth: isAuth,
    allowForcePush: isFlag,
    verify: nullable(isVerify),
    build: nullable(isBuild),
    hooks: objectOf<SourceHooks>({ before_apply: isHook, smoke: isHook, after_apply: isHook }),
    webhook: nullable(objectOf<WebhookSpec>({ secretFile: isText, listen: isText })),
    keep: isInteger(1, 100),
    waitFor: optional(objectOf<WaitForSpec>({ host: isText, timeoutMs: isAmount })),
  }),
);

export const isSourceSpec: Check = objectOf<SourceSpec>({
  name: isName,
  from: isOrigin,
  environment: nullable(isText),
  pollMs: nullable(isAmount),
  usualPoll: optional(isOneOf(true)),
  sync: isOneOf('auto', 'manual', 'observe'),
  prune: isFlag,
  selfHeal: optional(isOneOf(true)),
  onFailure: isOneOf('app', 'project'),
  windows: listOf(isWindow),
  hosts: nullable(listOf(isText)),
});

/** Where a source is, for people: `https://git.example.org/shop.git, branch main, deploy/ecosystem.yaml`. */
export function describeSourceOrigin({ from }: SourceSpec): string {
  if (from.kind === 'follow') return from.file;
  const [ref] = Object.entries(from.ref).map(([kind, value]) => `${kind} ${value}`);
  return [from.remote, ref, ...(from.path === '' ? [] : [from.path])].join(', ');
}
