import type { RunnerRequest, RunnerRequestFrame } from './messages.ts';
import type { ErrandSpec, ReloadSpec } from './orders.ts';
import { RequestError } from './request-error.ts';
import {
  aBoolean,
  aCommand,
  aDelay,
  aMessage,
  aNonce,
  aNumber,
  aSignal,
  aString,
  anAbsolutePath,
  anId,
  listOf,
  orAbsent,
  orNull,
  shape,
  tableOf,
  type Check,
  type Fields,
} from './request-checks.ts';
import { CODE, LABELS, LOGS, LEFTOVERS, BACKGROUND, SOCKET, TUNING, SPAWN } from './spawn-checks.ts';

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
  'log-usage': nothing,
  'keep-sockets': request({ apps: tableOf(listOf(SOCKET)) }),
  'check-limits': nothing,
  park: nothing,
  shutdown: nothing,
  'hand-over': request({ command: aCommand }),
};
