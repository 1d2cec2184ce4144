import { ActivationSockets } from './activation/activation-sockets.ts';
import { SocketHolder } from './activation/socket-holder.ts';
import { Cgroups } from './cgroup/cgroup.ts';
import { InstanceTable } from './instances/instance-table.ts';
import { KeptLimits } from './tuning/kept-limits.ts';
import { Grants } from './tuning/grants.ts';
import { SurvivorSearch } from './instances/survivors.ts';
import { Ledger } from './ledger/ledger.ts';
import { Housekeeping } from './logs/housekeeping.ts';
import type { LogFile } from './logs/log-file.ts';
import { LogStore } from './logs/log-store.ts';
import { TimesIndex } from './logs/times/times-index.ts';
import { markOf, marksOf } from './marks/home-marks.ts';
import { openMarkKey } from './marks/mark-key.ts';
import type { MarkContext } from './marks/mark-context.ts';
import { NotifyListener } from './notify/notify-listener.ts';
import { Errand, type ErrandPlace } from './errands/errand.ts';
import { ledgerEntry, processOf, type Instance } from './instances/instance.ts';
import { FifoPool } from './output/fifo-pool.ts';
import type { OutputContext } from './output/instance-output.ts';
import type { RunnerEvent } from './protocol/messages.ts';
import type { RunnerOptions } from './runner-options.ts';

/** What a runner is made of, but for what it listens on itself. */
export interface RunnerParts {
  readonly table: InstanceTable;
  readonly limits: KeptLimits;
  readonly notify: NotifyListener;
  /** The sockets that apps declare, and the process that keeps them for the next runner. */
  readonly activation: ActivationSockets;
  readonly holder: SocketHolder;
  readonly ledger: Ledger;
  readonly logs: LogStore;
  readonly housekeeping: Housekeeping;
  readonly pool: FifoPool;
  readonly output: OutputContext;
  readonly marks: MarkContext;
}

const READ_BYTES = 64 * 1024;

export function partsOf(options: RunnerOptions, publish: (event: RunnerEvent) => void): RunnerParts {
  const { clock, paths, log, processes, host, epoch } = options;
  const changed = (file: LogFile): void => table.logChanged(file);
  const { logs: folder, appStreams: streams, linesSocket } = paths;
  const times = new TimesIndex({ folder: paths.logTimes, clock, log });
  const logs = new LogStore({ clock, log, folder, streams, linesSocket, times, changed });
  const { daemonLog } = paths;
  const housekeeping = new Housekeeping({ clock, log, daemonLog, times, retention: logs.retention });
  const output = { store: logs, clock, folder: paths.fifos, readBuffer: Buffer.allocUnsafeSlow(READ_BYTES) };
  const pool = new FifoPool(paths.fifos, epoch.slice(0, 8));
  const snapshot = () => [...table.instances.values()].map((one) => ledgerEntry(one, clock));
  const onProblem = (problem: string | null): void => table.recordProblem(problem);
  const ledger = new Ledger({ path: paths.ledger, clock, log, snapshot, onProblem });
  const key = openMarkKey(paths.markKey, log);
  const marks = marksOf(paths, { processes, key, now: clock.now() });
  const holder: SocketHolder = new SocketHolder({
    ...{ clock, processes, log, paths, program: options.holderProgram },
    states: () => activation.states(),
    onKept: (state, handle) => activation.inherit(state, handle),
    onSettled: () => activation.settle(),
  });
  const activation: ActivationSockets = new ActivationSockets({
    keeper: holder,
    instances: () => table.instances.values(),
    publishInstance: (instance) => table.changed(instance),
    ownerOf: (address, app) => table.sockets.ownerOf(address, app),
  });
  const notify: NotifyListener = new NotifyListener({
    ...{ clock, log },
    instances: () => table.instances.values(),
    record: (record, durable) => ledger.append(record, durable),
    publishInstance: (instance) => table.changed(instance),
  });
  const cgroups = new Cgroups({ host: options.cgroups, clock, log });
  const table: InstanceTable = new InstanceTable({
    activation,
    ...{ clock, processes, host, log, output, pool, publish },
    cgroups,
    grants: new Grants(clock),
    notify,
    search: new SurvivorSearch(processes, clock),
    mark: (instance) => markOf(instance, marks),
    run: (instance, errand, mark) =>
      new Errand(errand, { ...placeOf(instance), mark }, { clock, host, folder: paths.fifos }),
    record: (record, durable) => ledger.append(record, durable),
  });
  const limits = new KeptLimits({
    ...{ tuner: table.tuner, cgroups, publish },
    instances: () => table.instances.values(),
    publishInstance: (instance) => table.changed(instance),
  });
  return { table, limits, notify, activation, holder, ledger, logs, housekeeping, pool, output, marks };
}

function placeOf(instance: Instance): Omit<ErrandPlace, 'mark'> {
  const { nonce, io } = instance;
  const pid = processOf(instance)?.identity.pid ?? 0;
  return { nonce, io, pid };
}
