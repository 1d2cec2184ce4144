import type { RunnerRequest, RunnerRequestFrame } from './messages.ts';
import type {
  BackgroundSettings,
  CodeLabel,
  ErrandSpec,
  HookLabel,
  InstanceLabels,
  LeftoversPolicy,
  LogSettings,
  NotifySettings,
  ProcessLimits,
  ReloadSpec,
  Rlimit,
  SocketSpec,
  Tuning,
} from './orders.ts';
import { RequestError } from './request-error.ts';
import {
  aBoolean,
  aCommand,
  aDaemonStream,
  aDelay,
  aMessage,
  aMode,
  aNonce,
  aNumber,
  aSignal,
  aString,
  anInput,
  anAbsolutePath,
  anId,
  fieldsOf,
  listOf,
  oneOf,
  orAbsent,
  orNull,
  shape,
  tableOf,
  type Check,
  type Fields,
} from './request-checks.ts';

/**
 * Checks one line that a controller sent. Whoever can connect can start programs, so this is not for security: it
 * keeps a mistake of one controller from harming every app. Throws a RequestError that names the wrong field.
 */
export function parseRequest(fields: Readonly<Record<string, unknown>>): RunnerRequestFrame {
  const { kind } = fields;
  if (typeof kind !== 'string' || !Object.hasOwn(CHECKS, kind)) {
    throw new RequestError(
      'unsupported',
      `unknown request ${typeof kind === 'string' ? kind.slice(0, 60) : `of type ${typeof kind}`}`,
    );
  }
  orAbsent(aNumber)(fields.deadline, 'deadline');
  CHECKS[kind as RunnerRequest['kind']](fields);
  return fields as unknown as RunnerRequestFrame;
}

const CODE = shape({
  id: aString,
  commit: orAbsent(aString),
  branch: orAbsent(aString),
  dirty: orAbsent(aBoolean),
  version: orAbsent(aString),
  aside: orAbsent(aString),
  read: orAbsent(aString),
} satisfies Record<keyof CodeLabel, Check>);

const LABELS = shape({
  project: aString,
  app: aString,
  slot: aNumber,
  generation: aNumber,
  restartGeneration: aNumber,
  revision: aNumber,
  templateHash: aString,
  code: orAbsent(CODE),
  ports: orAbsent(tableOf(aNumber)),
  hook: orAbsent(
    shape({
      name: aString,
      of: aString,
      slot: orNull(aNumber),
      reason: aString,
    } satisfies Record<keyof HookLabel, Check>),
  ),
  postStart: orAbsent(aBoolean),
  reloads: orAbsent(aNumber),
} satisfies Record<keyof InstanceLabels, Check>);

const LOGS = shape({
  outFile: orNull(anAbsolutePath),
  errorFile: orNull(anAbsolutePath),
  combinedFile: orNull(anAbsolutePath),
  outTo: aDaemonStream,
  errorTo: aDaemonStream,
  combinedTo: aDaemonStream,
  dateFormat: orNull(aString),
  json: aBoolean,
  rotate: orNull(
    shape({
      sizeBytes: aNumber,
      keep: aNumber,
      intervalMs: orNull(aNumber),
      compress: aBoolean,
      maxAgeMs: orAbsent(orNull(aNumber)),
      maxTotalBytes: orAbsent(orNull(aNumber)),
    } satisfies Record<keyof NonNullable<LogSettings['rotate']>, Check>),
  ),
} satisfies Record<keyof LogSettings, Check>);

const LIMITS = shape({
  memoryBytes: orNull(aNumber),
  cpus: orNull(aNumber),
  pids: orNull(aNumber),
} satisfies Record<keyof ProcessLimits, Check>);

const LEFTOVERS = shape({
  mode: oneOf('end', 'keep'),
  graceMs: aDelay,
} satisfies Record<keyof LeftoversPolicy, Check>);

const BACKGROUND = shape({
  expected: aBoolean,
  pidFile: orNull(anAbsolutePath),
} satisfies Record<keyof BackgroundSettings, Check>);

const PLACE: Check = (value, name) => {
  const { kind } = fieldsOf(value, name);
  oneOf(...Object.keys(PLACES))(kind, `${name}.kind`);
  PLACES[kind as keyof typeof PLACES](value, name);
};

const PLACES = {
  tcp: shape({ host: orNull(aString), port: aNumber }),
  path: shape({ path: anAbsolutePath, mode: aMode, uid: orNull(anId), gid: orNull(anId) }),
};

const SOCKET = shape({
  name: aString,
  place: PLACE,
  backlog: aNumber,
} satisfies Record<keyof SocketSpec, Check>);

const RLIMIT = shape({
  soft: orNull(aNumber),
  hard: orNull(aNumber),
} satisfies Record<keyof Rlimit, Check>);

const TUNING = shape({
  nice: orAbsent(aNumber),
  ionice: orAbsent(
    shape({ class: oneOf('none', 'realtime', 'best-effort', 'idle'), priority: orNull(aNumber) }),
  ),
  oomScoreAdj: orAbsent(aNumber),
  rlimits: orAbsent(tableOf(RLIMIT)),
  cpus: orAbsent(aString),
} satisfies Record<keyof Tuning, Check>);

const SPAWN = shape({
  nonce: aNonce,
  labels: LABELS,
  file: aString,
  args: listOf(aString),
  cwd: anAbsolutePath,
  env: tableOf(aString),
  uid: orNull(anId),
  gid: orNull(anId),
  logs: LOGS,
  ipc: orAbsent(aBoolean),
  shared: orAbsent(aBoolean),
  script: orAbsent(anAbsolutePath),
  limits: orAbsent(orNull(LIMITS)),
  leftovers: orAbsent(LEFTOVERS),
  background: orAbsent(BACKGROUND),
  stdin: orAbsent(oneOf('open', 'null')),
  input: orAbsent(anInput),
  noteExit: orAbsent(aBoolean),
  tty: orAbsent(anAbsolutePath),
  umask: orAbsent(aMode),
  sockets: orAbsent(listOf(SOCKET)),
  tuning: orAbsent(TUNING),
  notify: orAbsent(shape({ watchdogMs: orNull(aDelay) } satisfies Record<keyof NotifySettings, Check>)),
});

const ERRAND = shape({
  file: aString,
  args: listOf(aString),
  cwd: anAbsolutePath,
  env: tableOf(aString),
  uid: orNull(anId),
  gid: orNull(anId),
  timeoutMs: aDelay,
} satisfies Record<keyof ErrandSpec, Check>);

const RELOAD = shape({
  nonce: aNonce,
  count: aNumber,
  code: orAbsent(CODE),
  signal: orAbsent(aSignal),
  command: orAbsent(ERRAND),
} satisfies Record<keyof ReloadSpec, Check>);

const STOP = shape({
  nonce: aNonce,
  signal: aSignal,
  tree: aBoolean,
  graceMs: aDelay,
  drainMs: orAbsent(aDelay),
  message: orAbsent(aBoolean),
  command: orAbsent(ERRAND),
});

const nothing: (fields: Fields) => void = () => undefined;

function request(fields: Readonly<Record<string, Check>>): (values: Fields) => void {
  return (values) => {
    for (const [field, check] of Object.entries(fields)) check(values[field], field);
  };
}

const CHECKS: Readonly<Record<RunnerRequest['kind'], (fields: Fields) => void>> = {
  hello: request({
    protocol: orAbsent(aNumber),
    version: aString,
    controller: aBoolean,
    pid: orAbsent(aNumber),
  }),
  ping: nothing,
  list: nothing,
  spawn: request({ spec: SPAWN }),
  stop: request({ spec: STOP }),
  reload: request({ spec: RELOAD }),
  signal: request({ nonce: aNonce, signal: aSignal, tree: aBoolean }),
  send: request({ nonce: aNonce, message: aMessage }),
  update: request({
    nonce: aNonce,
    labels: LABELS,
    logs: LOGS,
    leftovers: orAbsent(LEFTOVERS),
    background: orAbsent(BACKGROUND),
    tuning: orAbsent(TUNING),
  }),
  tail: request({ nonce: aNonce }),
  forget: request({ nonce: aNonce }),
  'reopen-logs': nothing,
  'flush-logs': request({ paths: listOf(anAbsolutePath), rotated: aBoolean }),
  'keep-sockets': request({ apps: tableOf(listOf(SOCKET)) }),
  park: nothing,
  shutdown: nothing,
  'hand-over': request({ command: aCommand }),
};
