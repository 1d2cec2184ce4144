import { isBaseName } from './base-env-names.ts';
import { NETWORK_NAMES } from './network-names.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What an app is told about itself. A daemon that is started from inside an app is not part of it, and must not end with
 * it.
 */
const OF_AN_INSTANCE: ReadonlySet<string> = new Set([
  'STATEWARD_INSTANCE',
  'STATEWARD_PROJECT',
  'STATEWARD_APP',
  'STATEWARD_SLOT',
  'STATEWARD_MARK',
]);

/** What is said to one process and not to its children: how Node runs it, what a service manager expects of it. */
const OF_ONE_PROCESS =
  /^(?:NODE_(?:OPTIONS|PATH|DEBUG|DEBUG_NATIVE|V8_COVERAGE|CHANNEL_.*|UNIQUE_ID)|LD_.*|NOTIFY_SOCKET|LISTEN_.*|WATCHDOG_.*)$/;

const NETWORK: ReadonlySet<string> = new Set(NETWORK_NAMES);

/**
 * How glibc is to hold memory for a process that idles: in one place for all of its threads, and given back when it is free.
 * Left alone it keeps some megabytes of what a large apply has needed. No app gets it.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: '131072',
  MALLOC_TRIM_THRESHOLD_: '131072',
} as const;

/** What is set already stays. */
function withAllocator(env: Environment, own: Record<string, string>): Record<string, string> {
  return { ...own, ...ALLOCATOR, ...only(env, (name) => Object.hasOwn(ALLOCATOR, name)) };
}

/**
 * The environment of a daemon that a command starts in the background, and of every runner, which starts controllers too: a
 * small base, how the network is reached, and its own settings. Nothing else that is kept running may depend on the shell of
 * whoever was first.
 */
export function daemonEnvironment(env: Environment): Record<string, string> {
  return withAllocator(
    env,
    only(env, (name) => isBaseName(name) || NETWORK.has(name) || name.startsWith('STATEWARD_')),
  );
}

/**
 * The environment of the controller of `daemon run` and `run`: all that its unit or container gives, which variables with
 * `from_env` and `from_credential` are about. Apps get no more of it than of any other.
 */
export function foregroundEnvironment(env: Environment): Record<string, string> {
  return withAllocator(
    env,
    only(env, (name) => !OF_ONE_PROCESS.test(name)),
  );
}

function only(env: Environment, isMeant: (name: string) => boolean): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).flatMap(([name, value]) =>
      value !== undefined && !OF_AN_INSTANCE.has(name) && isMeant(name) ? [[name, value]] : [],
    ),
  );
}
