import type { SpawnSpec } from '../protocol/orders.ts';

/** What is said of a process that is to be started, as far as its command goes. */
export type CommandSpec = Pick<
  SpawnSpec,
  | 'nonce'
  | 'file'
  | 'args'
  | 'script'
  | 'cwd'
  | 'env'
  | 'uid'
  | 'gid'
  | 'ipc'
  | 'shared'
  | 'stdin'
  | 'input'
  | 'noteExit'
  | 'tty'
  | 'umask'
  | 'sockets'
  | 'tuning'
  | 'notify'
>;
