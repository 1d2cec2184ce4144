import type {
  BackgroundSettings,
  CodeLabel,
  HookLabel,
  InstanceLabels,
  LeftoversPolicy,
  LogSettings,
  NotifySettings,
  ProcessLimits,
  Rlimit,
  SocketSpec,
  Tuning,
} from './orders.ts';
import {
  aBoolean,
  aDaemonStream,
  aDelay,
  aMode,
  aNonce,
  aNumber,
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
} from './request-checks.ts';

export const CODE = shape({
  id: aString,
  commit: orAbsent(aString),
  branch: orAbsent(aString),
  dirty: orAbsent(aBoolean),
  version: orAbsent(aString),
  aside: orAbsent(aString),
  read: orAbsent(aString),
  secrets: orAbsent(tableOf(aString)),
  readSecrets: orAbsent(tableOf(aString)),
} satisfies Record<keyof CodeLabel, Check>);

export const LABELS = shape({
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

export const LOGS = shape({
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

export const LEFTOVERS = shape({
  mode: oneOf('end', 'keep'),
  graceMs: aDelay,
} satisfies Record<keyof LeftoversPolicy, Check>);

export const BACKGROUND = shape({
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

export const SOCKET = shape({
  name: aString,
  place: PLACE,
  backlog: aNumber,
} satisfies Record<keyof SocketSpec, Check>);

const RLIMIT = shape({
  soft: orNull(aNumber),
  hard: orNull(aNumber),
} satisfies Record<keyof Rlimit, Check>);

export const TUNING = shape({
  nice: orAbsent(aNumber),
  ionice: orAbsent(
    shape({ class: oneOf('none', 'realtime', 'best-effort', 'idle'), priority: orNull(aNumber) }),
  ),
  oomScoreAdj: orAbsent(aNumber),
  rlimits: orAbsent(tableOf(RLIMIT)),
  cpus: orAbsent(aString),
} satisfies Record<keyof Tuning, Check>);

export const SPAWN = shape({
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
  unresolved: orAbsent(aString),
  notify: orAbsent(shape({ watchdogMs: orNull(aDelay) } satisfies Record<keyof NotifySettings, Check>)),
});
