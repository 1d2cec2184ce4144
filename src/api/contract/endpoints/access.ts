import {
  callNames,
  callTable,
  streamNames,
  streamTable,
  type CallName,
  type Requests,
  type StreamName,
} from './backend.ts';
import { matchPath } from './endpoint.ts';
import { parseTarget } from './target.ts';

/**
 * What somebody from the network must have to ask for an endpoint: a token; one with `write`; or `home`: nothing will do, it
 * is for the socket in the home alone. Whoever has that socket may do everything.
 */
export type Level = 'read' | 'write' | 'home';

export interface Access {
  readonly level: Level;
  /** Its body says who asks: what is known of the asker stands there, whatever was sent. */
  readonly named?: true;
  /** Parts of the query that are so for those who may only read. */
  readonly forReaders?: Readonly<Record<string, string>>;
  /** Why it takes more than reading, where that is not plain. */
  readonly why?: string;
}

type Rule = Access | ((query: URLSearchParams) => Access);

const READ = { level: 'read' } as const satisfies Access;
const WRITE = { level: 'write' } as const satisfies Access;
const ACT = { level: 'write', named: true } as const satisfies Access;
const HOME = { level: 'home' } as const satisfies Access;

/** What says who asks is either named by us or not for the network. */
type RuleOf<K extends CallName | StreamName> = 'by' extends keyof Requests[K]
  ? typeof ACT | typeof HOME
  : Rule;

/** Whole specs hold values of secrets. */
function ofSpecs(query: URLSearchParams): Access {
  return query.get('spec') === 'full' ? { ...WRITE, why: 'spec=full has the values of secrets' } : READ;
}

/** A regular expression can take the controller for as long as it likes. */
function ofLogs(query: URLSearchParams): Access {
  const isPlain = query.getAll('grep').every(isPlainText);
  const forReaders = { redacted: 'true' };
  return isPlain
    ? { ...READ, forReaders }
    : { ...WRITE, why: 'who only reads looks for plain text: a grep without ( ) [ ] { } * + ? | or escapes' };
}

/** Text in which nothing but a dot, the beginning and the end means more than itself; punctuation may be escaped. */
function isPlainText(pattern: string): boolean {
  return /^(?:[^\\()[\]{}*+?|]|\\[^A-Za-z0-9\s])*$/.test(pattern);
}

/**
 * Who may ask for what over the network. An endpoint without a line here does not compile. What runs a program, shows what
 * one would be given, or decides who may do what is left to the home; what is read by many must show no secret, and must
 * not take the daemon long.
 */
export const ACCESS: { readonly [K in CallName | StreamName]: RuleOf<K> } = {
  ping: READ,
  status: READ,
  metrics: READ,
  apps: ofSpecs,
  usageHistory: READ,
  why: READ,
  environment: READ,
  // It looks at files of the asker's choosing.
  plan: ACT,
  snapshot: WRITE,
  apply: ACT,
  // For commands that have read files of the host.
  planUnchanged: HOME,
  applyUnchanged: HOME,
  confirm: ACT,
  freezes: READ,
  freeze: ACT,
  thaw: ACT,
  verb: ACT,
  message: ACT,
  runAction: ACT,
  signal: ACT,
  launch: HOME,
  reset: ACT,
  flushLogs: ACT,
  reopenLogs: ACT,
  allRevisions: READ,
  revisions: READ,
  // With the values of secrets.
  revision: WRITE,
  goingBack: READ,
  // It runs what the file holds.
  planDeclared: WRITE,
  applyDeclared: ACT,
  planRollback: READ,
  rollBack: ACT,
  audit: READ,
  auditVerdict: READ,
  events: READ,
  rounds: READ,
  sources: READ,
  source: READ,
  declareSources: HOME,
  actOnSource: ACT,
  // Both run what the file of a source holds, and that of any commit.
  declaredBySource: WRITE,
  planSource: WRITE,
  receivers: READ,
  receiver: READ,
  declareReceivers: HOME,
  removeReceiver: HOME,
  testReceiver: WRITE,
  settings: READ,
  // It reads a file of the host.
  takeSettings: HOME,
  tokens: HOME,
  createToken: HOME,
  deleteToken: HOME,
  sessions: HOME,
  deleteSession: HOME,
  logIn: HOME,
  stopDaemon: HOME,
  watchApps: ofSpecs,
  followEvents: READ,
  // The log in it, to those who only read, without secrets.
  feed: { ...READ, forReaders: { redacted: 'true' } },
  logs: ofLogs,
};

/** `/metrics` is a page of its own. */
const PAGES = [{ method: 'GET', path: '/metrics', rule: READ as Rule }];

const RULES: readonly { readonly method: string; readonly path: string; readonly rule: Rule }[] = [
  ...streamNames.map((name) => ({ ...placeOf(streamTable[name]), rule: ACCESS[name] })),
  ...callNames.map((name) => ({ ...placeOf(callTable[name]), rule: ACCESS[name] })),
  ...PAGES,
];

function placeOf({ method, path }: { readonly method: string; readonly path: string }): {
  readonly method: string;
  readonly path: string;
} {
  return { method, path };
}

/** Who may send a request; null: there is no such endpoint. The first that matches counts, as for the answer. */
export function accessTo(method: string, target: string): Access | null {
  const parsed = parseTarget(target);
  if (parsed === null) return null;
  const { parts, query } = parsed;
  const found = RULES.find((one) => one.method === method && matchPath(one.path, parts, query) !== null);
  if (found === undefined) return null;
  return typeof found.rule === 'function' ? found.rule(query) : found.rule;
}
