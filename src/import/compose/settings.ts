import type { AppBuilder } from '../model/build-app.ts';
import { isPlain, numberAt, textAt, textsOf, type Plain } from '../model/plain-node.ts';
import { stopSignal } from '../model/stop-signal.ts';
import type { ComposeProject } from './files/read-project.ts';
import { healthcheck } from './healthcheck.ts';
import { lifecycleHook } from './hooks.ts';
import { ports } from './ports.ts';
import { tuningSetting } from './tuning.ts';
import { composeVariables } from './variables.ts';

const CONDITIONS: Readonly<Record<string, string>> = {
  service_started: 'started',
  service_healthy: 'ready',
  service_completed_successfully: 'completed',
};

/** What is around a service. */
export interface Around extends Pick<ComposeProject, 'root' | 'names' | 'folders'> {
  /** That of the project, absolute. */
  readonly folder: string;
  readonly runnable: readonly string[];
}

/** What one key of a service says of its app. */
export function setting(
  app: AppBuilder,
  key: string,
  value: unknown,
  { service, around }: { readonly service: Plain; readonly around: Around },
): void {
  switch (key) {
    case 'command':
    case 'entrypoint':
    case 'environment':
    case 'image':
    case 'stdin_open':
    case 'secrets':
      return;
    case 'labels':
      labels(app, value);
      return;
    case 'working_dir': {
      workingDir(app, textAt(value), service);
      return;
    }
    case 'env_file': {
      envFiles(app, value);
      return;
    }
    case 'user': {
      const [user = '', group] = textAt(value).split(':');
      app.set('uid', /^\d+$/.test(user) ? Number(user) : user);
      app.set('gid', group === undefined ? undefined : /^\d+$/.test(group) ? Number(group) : group);
      return;
    }
    case 'restart': {
      restart(app, textAt(value));
      return;
    }
    case 'depends_on': {
      dependencies(app, value, around);
      return;
    }
    case 'healthcheck':
      healthcheck(app, value);
      return;
    case 'scale':
      replicas(app, value);
      return;
    case 'deploy': {
      deploy(app, value);
      return;
    }
    case 'stop_grace_period':
      app.set('kill_timeout', textAt(value));
      return;
    case 'mem_limit': {
      limit(app, 'memory', value);
      return;
    }
    case 'cpus': {
      limit(app, 'cpu', value);
      return;
    }
    case 'pids_limit': {
      limit(app, 'pids', value);
      return;
    }
    case 'tty':
      app.set('tty', value === true ? true : undefined);
      return;
    case 'profiles':
      profiles(app, textsOf(value));
      return;
    case 'ports': {
      ports(app, key, value);
      return;
    }
    case 'stop_signal': {
      stopSignal(app, key, textAt(value));
      // Only the main process of a container gets it.
      if (app.get('stop_signal') !== undefined) app.set('treekill', false);
      return;
    }
    case 'post_start':
    case 'pre_stop':
      lifecycleHook(app, key, value);
      return;
    case 'logging': {
      app.unmapped(key, value, 'log_rotate, out_file');
      return;
    }
    default:
      if (tuningSetting(app, key, value)) return;
      if (!key.startsWith('x-')) app.unmapped(key, value);
      return;
  }
}

/** A folder of the container is one of this host where a volume says which. */
function workingDir(app: AppBuilder, folder: string, { volumes }: Plain): void {
  for (const volume of Array.isArray(volumes) ? (volumes as readonly unknown[]) : []) {
    const [from = '', to = ''] =
      typeof volume === 'string'
        ? volume.split(':')
        : isPlain(volume)
          ? textsOf([volume['source'], volume['target']])
          : [];
    const isHere = /^[.~/]/.test(from);
    if (isHere && (folder === to || folder.startsWith(`${to}/`))) {
      const inner = folder.slice(to.length).replace(/^\//, '');
      app.set('cwd', inner === '' ? from : `${from.replace(/\/$/, '')}/${inner}`);
      return;
    }
  }
  app.unmapped('working_dir', folder, 'a folder of the container');
}

function envFiles(app: AppBuilder, value: unknown): void {
  for (const item of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
    if (typeof item === 'string') app.envFile(composeVariables(item));
    else if (isPlain(item) && typeof item['path'] === 'string') {
      app.envFile(composeVariables(item['path']));
      if (item['required'] === false)
        app.differs(
          'env_file',
          `${item['path']} has to be there: Compose goes on without it (required: false)`,
        );
    }
  }
}

/** A name with dots speaks to a program that looks after containers (`traefik.enable`). */
function labels(app: AppBuilder, value: unknown): void {
  const given = Array.isArray(value)
    ? textsOf(value).map((text) => [text.split('=', 1)[0] ?? '', text.split('=').slice(1).join('=')] as const)
    : Object.entries(isPlain(value) ? value : {}).map(([name, one]) => [name, textAt(one)] as const);
  const mine = given.filter(([name]) => !name.includes('.'));
  const others = given.filter(([name]) => name.includes('.'));
  if (mine.length > 0) {
    app.set('labels', Object.fromEntries(mine.map(([name, text]) => [name, composeVariables(text)])));
  }
  if (others.length > 0) app.unmapped('labels', Object.fromEntries(others));
}

/** Compose leaves such a service down until somebody asks for the profile. */
function profiles(app: AppBuilder, names: readonly string[]): void {
  const [name, ...more] = names;
  if (name === undefined) return;
  app.set('autostart', false);
  if (more.length === 0) app.set('namespace', name);
  const how = more.length === 0 ? `stateward start ${name}` : `stateward start ${app.name}`;
  app.differs('autostart', `profiles: ${names.join(', ')}: it is down until somebody asks for it: ${how}`);
}

function restart(app: AppBuilder, value: string): void {
  if (value === 'no' || value === 'false') {
    app.set('autorestart', false);
    return;
  }
  const [, times] = /^on-failure(?::(\d+))?$/.exec(value) ?? [];
  if (!value.startsWith('on-failure')) return;
  app.set('stop_exit_codes', [0]);
  if (times !== undefined) app.set('max_restarts', Number(times));
}

function dependencies(app: AppBuilder, value: unknown, { runnable }: Around): void {
  const given: readonly (readonly [string, string])[] = isPlain(value)
    ? Object.entries(value).map(([name, of]) => [
        name,
        isPlain(of) ? textAt(of['condition'], 'service_started') : 'service_started',
      ])
    : textsOf(value).map((name) => [name, 'service_started']);
  const known = given.filter(([name]) => runnable.includes(name));
  const others = given.filter(([name]) => !runnable.includes(name)).map(([name]) => name);
  if (known.length > 0)
    app.set(
      'depends_on',
      Object.fromEntries(known.map(([name, condition]) => [name, CONDITIONS[condition] ?? 'started'])),
    );
  if (others.length > 0) app.unmapped('depends_on', others.join(', '), 'not imported: nothing waits for it');
}

function replicas(app: AppBuilder, value: unknown): void {
  const count = numberAt(value);
  if (!Number.isInteger(count)) {
    app.unmapped('replicas', value);
    return;
  }
  if (count === 0) {
    app.set('autostart', false);
    return;
  }
  if (count === 1) return;
  app.set('exec_mode', 'fork');
  app.set('instances', count);
  app.differs(
    'instances',
    'without containers they share the ports of this host: exec_mode: cluster for Node, or increment_var: PORT',
  );
}

function deploy(app: AppBuilder, value: unknown): void {
  if (!isPlain(value)) return;
  const { replicas: count, resources, ...rest } = value;
  if (count !== undefined) replicas(app, count);
  const limits = isPlain(resources) ? resources['limits'] : undefined;
  if (isPlain(limits)) {
    if (limits['memory'] !== undefined) limit(app, 'memory', limits['memory']);
    if (limits['cpus'] !== undefined) limit(app, 'cpu', limits['cpus']);
    if (limits['pids'] !== undefined) limit(app, 'pids', limits['pids']);
  }
  for (const [key, inner] of Object.entries(rest)) app.unmapped(`deploy.${key}`, inner);
}

function limit(app: AppBuilder, name: string, value: unknown): void {
  const bytes = /^(\d+(?:\.\d+)?)\s*([kmg])?b?$/i.exec(textAt(value));
  if (bytes === null) {
    app.unmapped(`limit of ${name}`, value);
    return;
  }
  const bound = name === 'memory' ? `${bytes[1]}${(bytes[2] ?? '').toUpperCase()}` : numberAt(value);
  app.set('limits', {
    ...(app.get('limits') as object | undefined),
    [name]: /^\d+$/.test(String(bound)) ? Number(bound) : bound,
  });
}
