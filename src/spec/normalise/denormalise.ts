import { defaultsBelow, specDefault } from '../defaults.ts';
import { formatNumber } from '../format-value.ts';
import { hookNames } from '../hooks/hooks.ts';
import { APP_FIELDS } from '../generated/fields.ts';
import { isUsualShell } from './run/normalise-shell.ts';
import { isPlainMain } from '../ports/port-template.ts';
import { isToldByPort, portReference } from '../ports/slot-ports.ts';
import { hasAgent, isNode } from '../node-app.ts';
import { denormaliseSockets } from '../sockets/normalise-sockets.ts';
import { saysReady } from './normalise-notify.ts';
import { normaliseRollout } from './normalise-rollout.ts';
import { sameValue } from '../../lib/values/same-value.ts';
import { isServeApp } from '../serve/serve-app.ts';
import type { NetworkForm, NetworkTarget } from '../probes/network-probe.ts';
import type { AppSpec, HooksSpec, ProbeSpec, ServeSpec } from '../types.ts';

export type Declared = Readonly<Record<string, unknown>>;

/**
 * A spec as one app of an ecosystem file: only what differs from the defaults, durations and sizes with their units.
 * On a host with the same files it normalises to the same spec. Texts are as in the spec: pass the result through
 * `escapeApp` before it is written to a file.
 */
export function denormaliseApp(spec: AppSpec): Declared {
  const declared: Record<string, unknown> = {};
  for (const [field, value] of Object.entries(spec) as [keyof AppSpec, unknown][]) {
    if (field === 'ports') Object.assign(declared, portsOf(spec));
    else if (isWritten(spec, field)) declared[field] = valueOf(spec, field, value);
  }
  return declared;
}

function valueOf(spec: AppSpec, field: keyof AppSpec, value: unknown): unknown {
  if (field === 'rollout') return rollout(spec);
  if (field === 'env') return { ...ownEnv(spec), ...spec.env_from };
  return field === 'shell' ? shell(spec) : written(field, value);
}

/** `port` and `ports`, each with what is declared of it. */
function portsOf({ ports }: AppSpec): Declared {
  const [first] = ports;
  const isPlain = first !== undefined && isPlainMain(first, 0);
  const list = (isPlain ? ports.slice(1) : ports).map((port) =>
    Object.fromEntries(Object.entries(port).filter(([, value]) => value !== null)),
  );
  return { ...(isPlain && { port: first.port }), ...(list.length > 0 && { ports: list }) };
}

/** Without the variables that the ports set. */
function ownEnv(spec: AppSpec): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(spec.env).filter(([name]) => !isToldByPort(spec, name)));
}

/** The shell by its name, unless it is the usual one. Specs that name none were stored when that was /bin/sh. */
function shell({ shell: isLine, interpreter, interpreter_args }: AppSpec): boolean | string {
  if (!isLine || isUsualShell(interpreter) || interpreter_args.length > 0) return isLine;
  return interpreter === 'none' ? '/bin/sh' : interpreter;
}

/** Fields whose default depends on others are written whenever leaving them out could mean something else. */
function isWritten(spec: AppSpec, field: keyof AppSpec): boolean {
  switch (field) {
    case 'script':
      return !isServeApp(spec);
    case 'code':
      return !sameValue(spec.code, isServeApp(spec) ? 'off' : specDefault('code'));
    case 'exec_mode':
      return spec.exec_mode !== impliedMode(spec);
    case 'env':
      return Object.keys(ownEnv(spec)).length + Object.keys(spec.env_from).length > 0;
    case 'env_from':
      // A part of `env`.
      return false;
    case 'wait_ready':
      return spec.wait_ready !== saysReady(spec);
    case 'merge_logs':
      return spec.merge_logs !== impliedMerge(spec);
    case 'interpreter':
      // Only the arguments of an interpreter that is named count.
      if (isServeApp(spec)) return spec.interpreter !== 'node';
      return !spec.shell || spec.interpreter_args.length > 0;
    case 'autorestart':
      return spec.schedule === null && !spec.autorestart;
    case 'rollout':
      return !sameValue(spec.rollout, normaliseRollout(undefined, spec));
    case 'shell':
      return spec.shell || /\s/.test(spec.script);
    default:
      return !sameValue(spec[field], specDefault(field));
  }
}

/** What `instances` alone means; null: not without a warning. */
function impliedMode(spec: AppSpec): AppSpec['exec_mode'] | null {
  if (isServeApp(spec)) return hasAgent(spec) ? 'cluster' : null;
  if (spec.instances === 1) return 'fork';
  if (hasAgent(spec)) return 'cluster';
  return isNode(spec) ? null : 'fork';
}

/** What the mode and the number of instances mean for the log files, where the file does not say it. */
export function impliedMerge({ exec_mode, instances }: AppSpec): boolean {
  return exec_mode === 'fork' && instances === 1;
}

/**
 * Two specs of one app as a file would declare them: what is written on one side only because of something else that
 * differs, and is the same on both, is left out.
 */
export function denormalisePair(one: AppSpec, other: AppSpec): readonly [Declared, Declared] {
  const [first, second] = [denormaliseApp(one), denormaliseApp(other)];
  const isMeant = (field: string): boolean =>
    (field in first && field in second) || !sameValue(one[specField(field)], other[specField(field)]);
  const only = (side: Declared): Declared =>
    Object.fromEntries(Object.entries(side).filter(([field]) => isMeant(field)));
  return [only(first), only(second)];
}

/** The field of a spec that a key of the file is about. */
function specField(key: string): keyof AppSpec {
  return key === 'port' ? 'ports' : (key as keyof AppSpec);
}

function written(field: keyof AppSpec, value: unknown): unknown {
  switch (field) {
    case 'readiness':
    case 'liveness':
    case 'startup':
      return probe(value as ProbeSpec);
    case 'sockets':
      return denormaliseSockets(value as AppSpec['sockets']);
    case 'hooks':
      return hooks(value as HooksSpec);
    case 'serve':
      return serve(value as ServeSpec);
    case 'heartbeat':
      return withUnits(field, value as Declared);
    case 'limits':
    case 'shutdown':
    case 'reload':
    case 'watch_options':
      return sparse(field, value as Declared);
    case 'log_rotate':
      return value === null ? false : sparse(field, value as Declared);
    default:
      return leaf(field, value);
  }
}

/** One bound alone says something about the other: both are written, or neither. */
function rollout(spec: AppSpec): Declared {
  const { max_surge, max_unavailable, ...rest } = spec.rollout;
  const usual = normaliseRollout(undefined, spec);
  const isUsual = max_surge === usual.max_surge && max_unavailable === usual.max_unavailable;
  return { ...(isUsual ? {} : { max_surge, max_unavailable }), ...sparse('rollout', rest) };
}

function probe({ http, tcp, grpc, exec, log, ...timing }: ProbeSpec): Declared {
  const target = {
    http: http && withPort('http', http),
    tcp: tcp && withPort('tcp', tcp),
    grpc: grpc && withPort('grpc', grpc),
    exec,
    log,
  };
  const given = Object.entries(target).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(given), ...sparse('readiness', timing) };
}

/** The port as it is written: a number, a name, or nothing for the first one. */
function withPort(form: NetworkForm, target: NetworkTarget): Declared {
  const { port: _port, port_name: _name, ...fields } = target;
  const rest = sparse(`readiness.${form}`, fields);
  const port = portReference(target);
  return port === null ? rest : { port, ...rest };
}

function hooks(given: HooksSpec): Declared {
  return Object.fromEntries(
    hookNames(given).map((name) => {
      const { command, timeout } = given[name] ?? { command: [], timeout: 0 };
      const isUsual = timeout === defaultsBelow(`hooks.${name}`)['timeout'];
      return [name, { command, ...(isUsual ? {} : { timeout: leaf('hooks.pre_start.timeout', timeout) }) }];
    }),
  );
}

function serve({ path, basic_auth, ...rest }: ServeSpec): Declared {
  const auth = basic_auth === null ? {} : { basic_auth: sparse('serve.basic_auth', { ...basic_auth }) };
  return { path, ...sparse('serve', rest), ...auth };
}

function sparse(path: string, value: Declared): Declared {
  const defaults = defaultsBelow(path);
  const given = Object.entries(value).filter(([key, inner]) => !sameValue(inner, defaults[key]));
  return withUnits(path, Object.fromEntries(given));
}

function withUnits(path: string, value: Declared): Declared {
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, leaf(`${path}.${key}`, inner)]),
  );
}

function leaf(path: string, value: unknown): unknown {
  const hasUnit = (APP_FIELDS[path]?.unit ?? null) !== null;
  return hasUnit && typeof value === 'number' ? formatNumber(path, value) : value;
}
