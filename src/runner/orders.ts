import type { ActivationSockets } from './activation/activation-sockets.ts';
import type { InstanceTable } from './instances/instance-table.ts';
import type { LogStore } from './logs/log-store.ts';
import type { RunnerResult } from './protocol/messages.ts';
import type { OtherRequest } from './server/server.ts';
import { isSignal } from './processes/host-signals.ts';
import type { KeptLimits } from './tuning/kept-limits.ts';
import { unreachable } from '../lib/unreachable.ts';

/** What requests are about. */
export interface Orders {
  readonly table: InstanceTable;
  readonly activation: ActivationSockets;
  readonly limits: Pick<KeptLimits, 'check'>;
  readonly logs: LogStore;
  readonly park: () => void;
  readonly shutdown: () => void;
  readonly handOver: (command: readonly [string, ...string[]]) => Promise<RunnerResult>;
}

/** Meets a request of a client that has been let in; rejects with a RequestError when it cannot. */
export async function carryOut(
  request: OtherRequest,
  { table, activation, limits, logs, park, shutdown, handOver }: Orders,
): Promise<RunnerResult> {
  const done = { kind: 'done' } as const;
  switch (request.kind) {
    case 'list':
      return { kind: 'list', instances: table.list() };
    case 'spawn':
      return { kind: 'instance', instance: await table.spawn(request.spec) };
    case 'stop':
      table.stop(request.spec);
      return done;
    case 'reload':
      return { kind: 'instance', instance: table.describe(await table.reloads.reload(request.spec)) };
    case 'signal':
      if (isSignal(request.signal)) table.reloads.signal(request.nonce, request.signal, request.tree);
      return done;
    case 'send':
      table.send(request.nonce, request.message);
      return done;
    case 'update':
      return { kind: 'instance', instance: table.update(request) };
    case 'tail':
      return { kind: 'tail', lines: table.tail(request.nonce) };
    case 'forget':
      table.forget(request.nonce);
      return done;
    case 'reopen-logs':
      logs.reopen();
      return done;
    case 'flush-logs':
      return { kind: 'flushed', files: await logs.flush(request.paths, request.rotated) };
    case 'log-usage':
      return { kind: 'log-usage', apps: logs.usage.list(appsOn(table)) };
    case 'keep-sockets':
      activation.keep(request.apps);
      return done;
    case 'check-limits':
      await limits.check();
      return done;
    case 'park':
      park();
      return done;
    case 'shutdown':
      shutdown();
      return done;
    case 'hand-over':
      return handOver(request.command);
    default:
      return unreachable(request);
  }
}

/** `project/name` of every app that has a line. */
function appsOn(table: InstanceTable): ReadonlySet<string> {
  return new Set(table.list().map(({ labels: { project, app } }) => `${project}/${app}`));
}
