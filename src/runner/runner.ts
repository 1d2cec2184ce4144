import { meetAgents } from './handover/meet-agents.ts';
import { BUILD } from '../lib/programs/build.ts';
import type { Cancel } from '../lib/clocks/clock.ts';
import { inStep } from '../lib/clocks/in-step.ts';
import { ControllerWatch } from './controller-watch.ts';
import { keepLock } from './lock/keep-lock.ts';
import { carryOut } from './orders.ts';
import type { RunnerOptions } from './runner-options.ts';
import { partsOf, type RunnerParts } from './runner-parts.ts';
import { HandOver } from './succession/hand-over.ts';
import { holding } from './succession/holding.ts';
import { goOnFrom, type GoOnOptions } from './succession/go-on-from.ts';
import type { Predecessor } from './succession/predecessor.ts';
import { adoptIntoTable } from './adoption/into-table.ts';
import type { RunnerEvent, RunnerResult } from './protocol/messages.ts';
import { RequestError } from './protocol/request-error.ts';
import { PROTOCOL_VERSION, refusalToDrive } from './protocol/version.ts';
import { RunnerServer, type HelloRequest, type OtherRequest } from './server/server.ts';
import { errorMessage } from '../lib/system-error.ts';

/** A parked runner with nothing to do stays this long for somebody who comes. */
const IDLE_EXIT_MS = 3_000;
/** How long logs may take to reach the disk at the end. */
const FLUSH_LIMIT_MS = 2_000;
/** These are met while another runner is about to take over: they change nothing that it is given. */
const NEVER_WAIT: ReadonlySet<OtherRequest['kind']> = new Set(['list', 'tail', 'park', 'hand-over']);

/** How a runner goes on from another one that lives. */
export interface Succession extends Pick<GoOnOptions, 'before' | 'missing'> {
  /** No controller is to be started. */
  readonly parked: boolean;
}

/** The runner of one home; whoever makes it holds the lock of the home. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #server: RunnerServer;
  #closeAgents: () => void = () => undefined;
  readonly #parts: RunnerParts;
  #watch: ControllerWatch | undefined;
  #firstNotices: RunnerEvent[] = [];
  #leaveWhenEmpty = false;
  #leaving = false;
  #cancelIdle: Cancel | undefined;
  #handOver: HandOver | undefined;
  /** Orders wait for it. */
  #held: Promise<void> = Promise.resolve();

  constructor(options: RunnerOptions) {
    const { clock, processes, log } = options;
    this.#options = options;
    this.#parts = partsOf(options, (event) => this.#publish(event));
    this.#server = new RunnerServer({
      onHello: (hello) => this.#welcome(hello),
      turnOf: (request) => this.#turnOf(request),
      onRequest: (request) => this.#answer(request),
      onControllerConnected: (supervised) => this.#onControllerConnected(supervised),
      onControllerLost: () => this.#watch?.lost(),
      onConnectionClosed: () => this.#considerLeaving(),
      ...{ clock, processes, log },
    });
  }

  /** Takes over what an earlier runner left, then listens. Rejects when the home cannot be used. */
  async start(): Promise<void> {
    await this.prepare();
    await this.begin();
  }

  /** Finds what an earlier runner left; `before`: that one lives, and its outputs are not read yet. */
  async prepare(before?: Predecessor): Promise<void> {
    const options = { ...this.#options, marks: this.#parts.marks, before };
    this.#firstNotices.push(...(await adoptIntoTable(this.#parts, options)));
  }

  /** Does all that a runner does. Of a runner before that lives: it has said how to go on. */
  async begin(succession?: Succession): Promise<void> {
    const { clock, log, lock, paths, startController, homeExists } = this.#options;
    if (succession !== undefined) {
      // Two that carry out orders would be one too many.
      this.#held = succession.before.gone;
      goOnFrom(this.#parts, { ...this.#options, ...succession });
    }
    await this.#parts.ledger.open();
    this.#parts.pool.refill();
    this.#parts.notify.resume();
    this.#parts.housekeeping.start();
    await this.#listen();
    keepLock(lock, { clock: inStep(clock), home: paths.home, run: paths.run, log });
    const isWanted = (): boolean => !this.#leaving && !this.#leaveWhenEmpty && homeExists();
    const onParked = (): void => this.#considerLeaving();
    this.#watch = new ControllerWatch({ clock, log, isWanted, start: startController, onParked });
    succession?.before.onPark(() => this.#watch?.park());
    if (succession?.parked === true) this.#watch.park();
  }

  get liveCount(): number {
    return this.#parts.table.liveCount;
  }

  async #listen(): Promise<void> {
    const { paths, clock, log } = this.#options;
    const { table, holder, activation } = this.#parts;
    const parts = { handovers: table.handovers, holder, isMissing: () => activation.misses };
    this.#closeAgents = await meetAgents(parts, { paths, clock, log });
    await this.#server.listen(paths.runnerSocket);
  }

  /** Somebody wants this process to end (SIGTERM): it does, as soon as no app needs it. */
  leaveWhenEmpty(): void {
    const { liveCount } = this.#parts.table;
    if (liveCount > 0) this.#options.log(`asked to end: will when the last of ${liveCount} instances has`);
    this.#leaveWhenEmpty = true;
    this.#considerLeaving();
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
    return { kind: 'hello', protocol: PROTOCOL_VERSION, version, build: BUILD, pid: process.pid, epoch };
  }

  #refuseIfLeaving(): void {
    if (this.#leaving) throw new RequestError('busy', 'the runner is ending');
  }

  /** Resolves when an order may be carried out: not while another runner is about to take over, or one before ends. */
  #turnOf(request: OtherRequest): Promise<void> {
    if (request.kind === 'park') this.#handOver?.park();
    return NEVER_WAIT.has(request.kind) ? Promise.resolve() : this.#held;
  }

  async #answer(request: OtherRequest): Promise<RunnerResult> {
    this.#refuseIfLeaving();
    return carryOut(request, {
      ...this.#parts,
      park: () => this.#watch?.park(),
      shutdown: () => this.#shutdown(),
      handOver: (command) => this.#giveWay(command),
    });
  }

  /** Gives the place of this runner to another one, and ends it. */
  async #giveWay(command: readonly [string, ...string[]]): Promise<RunnerResult> {
    if (this.#handOver !== undefined) throw new RequestError('busy', 'the runner is being upgraded already');
    const { clock, paths, log, lock } = this.#options;
    const handOver = new HandOver({
      ...{ clock, paths, log, lock, ...this.#parts },
      isParked: () => this.#watch?.parked === true,
      leaveWhenEmpty: () => this.#leaveWhenEmpty,
      stopListening: () => {
        this.#server.close();
        this.#closeAgents();
      },
      listenAgain: () => this.#listen(),
    });
    this.#handOver = handOver;
    const { promise, release } = holding();
    this.#held = promise;
    try {
      const result = await handOver.to(command);
      // Nothing may be tidied any more: all that is open here is another one's by now.
      setImmediate(() => process.kill(process.pid, 'SIGKILL'));
      return result;
    } catch (error) {
      this.#handOver = undefined;
      release();
      throw error;
    }
  }

  #shutdown(): void {
    const { liveCount } = this.#parts.table;
    if (liveCount > 0) throw new RequestError('busy', `${liveCount} instances live`);
    this.#leaving = true;
    // The answer goes out first.
    setImmediate(() => this.#leave());
  }

  /** Ends the process if nobody needs it any more. */
  #considerLeaving(): void {
    this.#cancelIdle?.();
    if (this.#leaving || this.#parts.table.liveCount > 0) return;
    if (this.#leaveWhenEmpty) {
      this.#leave();
    } else if (this.#watch?.parked === true && this.#server.connectionCount === 0) {
      this.#cancelIdle = this.#options.clock.after(IDLE_EXIT_MS, () => {
        if (this.#server.connectionCount + this.#parts.table.liveCount === 0) this.#leave();
      });
    }
  }

  #leave(): void {
    this.#leaving = true;
    const { clock, exit, log } = this.#options;
    this.#server.close();
    this.#closeAgents();
    this.#parts.activation.close();
    this.#parts.holder.close();
    this.#parts.housekeeping.close();
    clock.after(FLUSH_LIMIT_MS, exit);
    Promise.all([this.#parts.logs.close(), this.#parts.ledger.close()])
      .catch((error: unknown) => log(`cannot end cleanly: ${errorMessage(error)}`))
      .finally(exit);
  }
}
