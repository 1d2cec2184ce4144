import type { RunnerRequest, RunnerRequestFrame } from './messages.ts';
import type {
  BackgroundSettings,
  CodeLabel,
  InstanceLabels,
  LeftoversPolicy,
  LogSettings,
  ProcessLimits,
} from './orders.ts';
import { RequestError } from './request-error.ts';
import { signalNamed } from '../../lib/signals.ts';

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

type Fields = Readonly<Record<string, unknown>>;
type Check = (value: unknown, name: string) => void;

const NONCE = /^[A-Za-z0-9_-]{1,128}$/;

function fail(name: string, expected: string): never {
  throw new RequestError('bad-request', `${name}: expected ${expected}`);
}

const aString: Check = (value, name) => {
  if (typeof value !== 'string') fail(name, 'a string');
};
const aNumber: Check = (value, name) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) fail(name, 'a number');
};
const aMode: Check = (value, name) => {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 0o777) fail(name, 'permission bits');
};
const aBoolean: Check = (value, name) => {
  if (typeof value !== 'boolean') fail(name, 'true or false');
};
const aNonce: Check = (value, name) => {
  if (typeof value !== 'string' || !NONCE.test(value)) fail(name, 'letters, digits, _ and -');
};
const aSignal: Check = (value, name) => {
  if (typeof value !== 'string' || signalNamed(value) !== value) fail(name, 'the name of a signal');
};
const aDaemonStream: Check = (value, name) => {
  if (value !== undefined && value !== 'stdout' && value !== 'stderr') fail(name, 'stdout or stderr');
};
const aDelay: Check = (value, name) => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) fail(name, 'milliseconds');
};
const anAbsolutePath: Check = (value, name) => {
  if (typeof value !== 'string' || !value.startsWith('/')) fail(name, 'an absolute path');
};
const anId: Check = (value, name) => {
  if (typeof value !== 'string' && !(Number.isInteger(value) && Number(value) >= 0))
    fail(name, 'a name or an id');
};

const aMessage: Check = (value, name) => {
  if (value === undefined) fail(name, 'a message');
};

function oneOf(...words: readonly string[]): Check {
  return (value, name) => {
    if (typeof value !== 'string' || !words.includes(value)) fail(name, words.join(' or '));
  };
}

function orNull(check: Check): Check {
  return (value, name) => {
    if (value !== null) check(value, name);
  };
}

function orAbsent(check: Check): Check {
  return (value, name) => {
    if (value !== undefined) check(value, name);
  };
}

function listOf(check: Check): Check {
  return (value, name) => {
    if (!Array.isArray(value)) fail(name, 'a list');
    for (const [index, item] of value.entries()) check(item, `${name}[${index}]`);
  };
}

const aCommand: Check = (value, name) => {
  listOf(aString)(value, name);
  if (!Array.isArray(value) || value.length === 0) fail(name, 'a program and its arguments');
};

function tableOf(check: Check): Check {
  return (value, name) => {
    for (const [key, item] of Object.entries(fieldsOf(value, name))) check(item, `${name}.${key}`);
  };
}

function shape(fields: Readonly<Record<string, Check>>): Check {
  return (value, name) => {
    const values = fieldsOf(value, name);
    for (const [field, check] of Object.entries(fields)) check(values[field], `${name}.${field}`);
  };
}

function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(name, 'an object');
  return value as Fields;
}

const LABELS = shape({
  project: aString,
  app: aString,
  slot: aNumber,
  generation: aNumber,
  restartGeneration: aNumber,
  revision: aNumber,
  templateHash: aString,
  code: orAbsent(
    shape({
      id: aString,
      commit: orAbsent(aString),
      branch: orAbsent(aString),
      dirty: orAbsent(aBoolean),
      version: orAbsent(aString),
      aside: orAbsent(aString),
    } satisfies Record<keyof CodeLabel, Check>),
  ),
  ports: orAbsent(tableOf(aNumber)),
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
  umask: orAbsent(aMode),
});

const STOP = shape({
  nonce: aNonce,
  signal: aSignal,
  tree: aBoolean,
  graceMs: aDelay,
  drainMs: orAbsent(aDelay),
  message: orAbsent(aBoolean),
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
  signal: request({ nonce: aNonce, signal: aSignal, tree: aBoolean }),
  send: request({ nonce: aNonce, message: aMessage }),
  update: request({
    nonce: aNonce,
    labels: LABELS,
    logs: LOGS,
    leftovers: orAbsent(LEFTOVERS),
    background: orAbsent(BACKGROUND),
  }),
  tail: request({ nonce: aNonce }),
  forget: request({ nonce: aNonce }),
  'reopen-logs': nothing,
  'flush-logs': request({ paths: listOf(anAbsolutePath), rotated: aBoolean }),
  park: nothing,
  shutdown: nothing,
  'hand-over': request({ command: aCommand }),
};
