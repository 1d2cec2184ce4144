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
  type Check,
} from '../../lib/checks.ts';

/** Somebody who is told what happens, as declared. Paths are absolute, times are milliseconds. */
export interface ReceiverSpec {
  readonly name: string;
  readonly to: Target;
  /** What it is told: what one of them takes. Of commit statuses: none. */
  readonly rules: readonly Rule[];
  /** null: what is still wrong is not told again. */
  readonly repeatMs: number | null;
  readonly settleMs: number;
  readonly groupMs: number;
  /** Messages an hour. */
  readonly limit: number;
}

/** How it is reached. */
export type Target = WebhookTarget | SlackTarget | EmailTarget | ExecTarget | CommitStatusTarget;
export type TargetKind = Target['kind'];

/** A web address; of a file its first line counts, read when it is needed. */
export type Address =
  { readonly kind: 'url'; readonly url: string } | { readonly kind: 'file'; readonly file: string };

interface WebTarget {
  readonly address: Address;
  readonly caFile: string | null;
  /** Plain http to another host is taken. */
  readonly insecure: boolean;
}

export interface WebhookTarget extends WebTarget {
  readonly kind: 'webhook';
  readonly secretFile: string | null;
  readonly tokenFile: string | null;
}

export interface SlackTarget extends WebTarget {
  readonly kind: 'slack';
}

export interface EmailTarget {
  readonly kind: 'email';
  readonly host: string;
  readonly port: number;
  readonly security: 'starttls' | 'tls' | 'none';
  readonly from: string;
  readonly recipients: readonly string[];
  readonly username: string | null;
  readonly passwordFile: string | null;
  readonly caFile: string | null;
}

export interface ExecTarget {
  readonly kind: 'exec';
  readonly command: readonly string[];
  readonly cwd: string;
  readonly timeoutMs: number;
}

export const PROVIDERS = ['github', 'gitlab', 'gitea'] as const;
export type Provider = (typeof PROVIDERS)[number];

export interface CommitStatusTarget {
  readonly kind: 'commit_status';
  readonly provider: Provider;
  /** Where the API begins; null: as the source is fetched. */
  readonly url: string | null;
  /** `owner/name`; null: as the source is fetched. */
  readonly repository: string | null;
  readonly tokenFile: string;
  /** Patterns of names; null: every git source. */
  readonly sources: readonly string[] | null;
  readonly caFile: string | null;
  readonly insecure: boolean;
}

export const SEVERITIES = ['info', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Takes an event that fits everything that is given. Texts are patterns. */
export interface Rule {
  /** null: what is wrong, see alerts.ts. */
  readonly reasons: readonly string[] | null;
  readonly severity: Severity;
  readonly projects: readonly string[] | null;
  readonly apps: readonly string[] | null;
  readonly labels: Readonly<Record<string, string>> | null;
  readonly sources: readonly string[] | null;
}

/** Takes everything that is wrong. */
export const ALERTS_RULE: Rule = {
  reasons: null,
  severity: 'info',
  projects: null,
  apps: null,
  labels: null,
  sources: null,
};

const isAddress: Check = anyOf(
  objectOf<Extract<Address, { kind: 'url' }>>({ kind: isOneOf('url'), url: isText }),
  objectOf<Extract<Address, { kind: 'file' }>>({ kind: isOneOf('file'), file: isText }),
);

const WEB = { address: isAddress, caFile: nullable(isText), insecure: isFlag } as const;

const isTarget: Check = anyOf(
  objectOf<WebhookTarget>({
    kind: isOneOf('webhook'),
    ...WEB,
    secretFile: nullable(isText),
    tokenFile: nullable(isText),
  }),
  objectOf<SlackTarget>({ kind: isOneOf('slack'), ...WEB }),
  objectOf<EmailTarget>({
    kind: isOneOf('email'),
    host: isText,
    port: isInteger(1, 65_535),
    security: isOneOf('starttls', 'tls', 'none'),
    from: isText,
    recipients: listOf(isText),
    username: nullable(isText),
    passwordFile: nullable(isText),
    caFile: nullable(isText),
  }),
  objectOf<ExecTarget>({
    kind: isOneOf('exec'),
    command: listOf(isText),
    cwd: isText,
    timeoutMs: isAmount,
  }),
  objectOf<CommitStatusTarget>({
    kind: isOneOf('commit_status'),
    provider: isOneOf(...PROVIDERS),
    url: nullable(isText),
    repository: nullable(isText),
    tokenFile: isText,
    sources: nullable(listOf(isText)),
    caFile: nullable(isText),
    insecure: isFlag,
  }),
);

const isRule: Check = objectOf<Rule>({
  reasons: nullable(listOf(isText)),
  severity: isOneOf(...SEVERITIES),
  projects: nullable(listOf(isText)),
  apps: nullable(listOf(isText)),
  labels: nullable(mapOf(isText)),
  sources: nullable(listOf(isText)),
});

export const isReceiverSpec: Check = objectOf<ReceiverSpec>({
  name: isName,
  to: isTarget,
  rules: listOf(isRule),
  repeatMs: nullable(isAmount),
  settleMs: isAmount,
  groupMs: isAmount,
  limit: isInteger(1, 600),
});
