import { openMarkKey } from './marks/mark-key.ts';
import { markOf, marksOf } from './marks/home-marks.ts';
import type { MarkContext } from './marks/mark-context.ts';
import { meetAgents } from './handover/meet-agents.ts';
import { adoptionNotices } from './adoption/notices.ts';
import { takeOver } from './adoption/take-over.ts';
import { Cgroups } from './cgroup/cgroup.ts';
import type { CgroupHost } from './cgroup/cgroup-tree.ts';
import type { Cancel, Clock } from '../lib/clock.ts';
import { ControllerWatch, type StartedController } from './controller-watch.ts';
import { FifoPool, removeUnusedFifos } from './output/fifo-pool.ts';
import type { OutputContext } from './output/instance-output.ts';
import { InstanceTable } from './instances/instance-table.ts';
import type { HostContext } from './spawn/launch-command.ts';
import { Ledger } from './ledger/ledger.ts';
import type { LogFile } from './logs/log-file.ts';
import { LogStore } from './logs/log-store.ts';
import type { Processes } from './processes/processes.ts';
import type { RunnerEvent, RunnerResult } from './protocol/messages.ts';
import { RequestError } from './protocol/request-error.ts';
import { PROTOCOL_VERSION, refusalToDrive } from './protocol/version.ts';
import type { HomeLayout } from '../home/layout.ts';
import { RunnerServer, type HelloRequest, type OtherRequest } from './server/server.ts';
import { isSignal } from './processes/signals.ts';
import { SurvivorSearch } from './instances/survivors.ts';
import { errorMessage } from '../lib/system-error.ts';
import { unreachable } from '../lib/unreachable.ts';

export interface RunnerOptions {
  readonly paths: HomeLayout;
  readonly version: string;
  /** Names this runner process; no other one ever has it. */
  readonly epoch: string;
  readonly clock: Clock;
  readonly processes: Processes;
  readonly host: HostContext;
  readonly cgroups: CgroupHost;
  readonly startController: () => StartedController;
  /** Whether the home is still there. */
  readonly homeExists: () => boolean;
  readonly log: (message: string) => void;
  /** Ends the process. */
  readonly exit: () => void;
}

/** A parked runner with nothing to do stays this long for somebody who comes. */
const IDLE_EXIT_MS = 3_000;
/** How long logs may take to reach the disk at the end. */
const FLUSH_LIMIT_MS = 2_000;
const READ_BYTES = 64 * 1024;

/** The runner of one home; whoever makes it holds the lock of the home. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #server: RunnerServer;
  #closeAgents: () => void = () => undefined;
  readonly #table: InstanceTable;
  readonly #ledger: Ledger;
  readonly #logs: LogStore;
  readonly #pool: FifoPool;
  readonly #output: OutputContext;
  readonly #marks: MarkContext;
  #watch: ControllerWatch | undefined;
  #firstNotices: RunnerEvent[] = [];
  #leaveWhenEmpty = false;
  #leaving = false;
  #cancelIdle: Cancel | undefined;

  constructor(options: RunnerOptions) {
    const { clock, paths, log, processes, host, epoch } = options;
    this.#options = options;
    const changed = (file: LogFile): void => this.#table.logChanged(file);
    const { logs: folder, appStreams: streams, linesSocket } = paths;
    this.#logs = new LogStore({ clock, log, folder, streams, linesSocket, changed });
    const readBuffer = Buffer.allocUnsafeSlow(READ_BYTES);
    this.#output = { store: this.#logs, clock, folder: paths.fifos, readBuffer };
    this.#marks = marksOf(paths, { processes, key: openMarkKey(paths.markKey, log), now: clock.now() });
    this.#pool = new FifoPool(paths.fifos, epoch.slice(0, 8));
    this.#ledger = new Ledger({
      path: paths.ledger,
      clock,
      log,
      snapshot: () => this.#table.ledgerEntries(),
      onProblem: (problem) => this.#table.recordProblem(problem),
    });
    this.#table = new InstanceTable({
      clock,
      processes,
      host,
      log,
      cgroups: new Cgroups({ host: options.cgroups, clock, log }),
      search: new SurvivorSearch(processes, clock),
      output: this.#output,
      pool: this.#pool,
      mark: (instance) => markOf(instance, this.#marks),
      record: (record, durable) => this.#ledger.append(record, durable),
      publish: (event) => this.#publish(event),
    });
    this.#server = new RunnerServer({
      onHello: (hello) => this.#welcome(hello),
      onRequest: (request) => this.#answer(request),
      onControllerConnected: (supervised) => this.#onControllerConnected(supervised),
      onControllerLost: () => this.#watch?.lost(),
      onConnectionClosed: () => this.#considerLeaving(),
      ...{ clock, processes, log },
    });
  }

  /** Takes over what an earlier runner left, then listens. Rejects when the home cannot be used. */
  async start(): Promise<void> {
    const { paths, clock, log, startController, homeExists } = this.#options;
    await this.#adopt();
    await this.#ledger.open();
    this.#pool.refill();
    this.#closeAgents = await meetAgents(this.#table.handovers, { paths, clock, log });
    await this.#server.listen(paths.runnerSocket);
    const isWanted = (): boolean => !this.#leaving && !this.#leaveWhenEmpty && homeExists();
    this.#watch = new ControllerWatch({
      clock,
      log,
      isWanted,
      start: startController,
      onParked: () => this.#considerLeaving(),
    });
  }

  /** Somebody wants this process to end (SIGTERM): it does, as soon as no app needs it. */
  leaveWhenEmpty(): void {
    const { liveCount } = this.#table;
    if (liveCount > 0) this.#options.log(`asked to end: will when the last of ${liveCount} instances has`);
    this.#leaveWhenEmpty = true;
    this.#considerLeaving();
  }

  async #adopt(): Promise<void> {
    const { paths, clock, log } = this.#options;
    const adopted = await takeOver(paths.ledger, {
      ...this.#marks,
      clock,
      log,
      output: this.#output,
      onEnd: (instance) => this.#table.ended(instance, { code: null, signal: null }),
    });
    for (const { instance, leftBehind, endedMeanwhile } of adopted) {
      this.#table.restore(instance, leftBehind);
      if (endedMeanwhile) this.#table.ended(instance, { code: null, signal: null });
      this.#firstNotices.push(...adoptionNotices(instance));
    }
    const live = adopted.filter(({ instance }) => instance.phase.state !== 'exited');
    removeUnusedFifos(paths.fifos, new Set(live.map(({ instance }) => instance.io)));
  }

  #publish(event: RunnerEvent): void {
    this.#server.broadcast(event);
    if (event.event === 'instance' && event.instance.state === 'exited') this.#considerLeaving();
  }

  #onControllerConnected(supervised: boolean): void {
    this.#watch?.connected(supervised);
    const notices = this.#firstNotices.splice(0);
    setImmediate(() => {
      for (const notice of notices) this.#publish(notice);
    });
  }

  /** Also of who only wants to look: it could misread the table as well. */
  #welcome(hello: HelloRequest): RunnerResult {
    this.#refuseIfLeaving();
    const { version, epoch } = this.#options;
    const refusal = refusalToDrive(hello, { protocol: PROTOCOL_VERSION, version });
    if (refusal !== null) throw new RequestError('newer-runner', refusal.message, refusal.hint);
    return { kind: 'hello', protocol: PROTOCOL_VERSION, version, pid: process.pid, epoch };
  }

  #refuseIfLeaving(): void {
    if (this.#leaving) throw new RequestError('busy', 'the runner is ending');
  }

  async #answer(request: OtherRequest): Promise<RunnerResult> {
    this.#refuseIfLeaving();
    const done = { kind: 'done' } as const;
    switch (request.kind) {
      case 'list':
        return { kind: 'list', instances: this.#table.list() };
      case 'spawn':
        return { kind: 'instance', instance: await this.#table.spawn(request.spec) };
      case 'stop':
        this.#table.stop(request.spec);
        return done;
      case 'signal':
        if (isSignal(request.signal)) this.#table.signal(request.nonce, request.signal, request.tree);
        return done;
      case 'send':
        this.#table.send(request.nonce, request.message);
        return done;
      case 'update':
        return { kind: 'instance', instance: this.#table.update(request) };
      case 'tail':
        return { kind: 'tail', lines: this.#table.tail(request.nonce) };
      case 'forget':
        this.#table.forget(request.nonce);
        return done;
      case 'reopen-logs':
        this.#logs.reopen();
        return done;
      case 'park':
        this.#watch?.park();
        return done;
      case 'shutdown':
        this.#shutdown();
        return done;
      default:
        return unreachable(request);
    }
  }

  #shutdown(): void {
    const { liveCount } = this.#table;
    if (liveCount > 0) throw new RequestError('busy', `${liveCount} instances live`);
    this.#leaving = true;
    // The answer goes out first.
    setImmediate(() => this.#leave());
  }

  /** Ends the process if nobody needs it any more. */
  #considerLeaving(): void {
    this.#cancelIdle?.();
    if (this.#leaving || this.#table.liveCount > 0) return;
    if (this.#leaveWhenEmpty) {
      this.#leave();
    } else if (this.#watch?.parked === true && this.#server.connectionCount === 0) {
      this.#cancelIdle = this.#options.clock.after(IDLE_EXIT_MS, () => {
        if (this.#server.connectionCount + this.#table.liveCount === 0) this.#leave();
      });
    }
  }

  #leave(): void {
    this.#leaving = true;
    const { clock, exit, log } = this.#options;
    this.#server.close();
    this.#closeAgents();
    clock.after(FLUSH_LIMIT_MS, exit);
    Promise.all([this.#logs.close(), this.#ledger.close()])
      .catch((error: unknown) => log(`cannot end cleanly: ${errorMessage(error)}`))
      .finally(exit);
  }
}
