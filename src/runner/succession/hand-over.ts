import type { ActivationSockets } from '../activation/activation-sockets.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { HomeLayout } from '../../home/layout.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { InstanceTable } from '../instances/instance-table.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Lock } from '../lock/lock-outcome.ts';
import type { LogStore } from '../logs/log-store.ts';
import type { RunnerResult } from '../protocol/messages.ts';
import { RequestError } from '../protocol/request-error.ts';
import { PROTOCOL_VERSION } from '../protocol/version.ts';
import { Estate } from './estate.ts';
import { SuccessorProcess } from './successor-process.ts';

export interface HandOverContext {
  readonly paths: Pick<HomeLayout, 'daemonLog'>;
  readonly clock: Clock;
  readonly lock: Lock;
  readonly table: InstanceTable;
  readonly activation: ActivationSockets;
  readonly logs: LogStore;
  readonly ledger: Ledger;
  /** No controller is to be started. */
  readonly isParked: () => boolean;
  readonly leaveWhenEmpty: () => boolean;
  /** Nobody new is answered, controller or agent. */
  readonly stopListening: () => void;
  readonly listenAgain: () => Promise<void>;
  readonly log: (message: string) => void;
}

/** To load, and to read the ledger. */
const PREPARE_MS = 10_000;
/** To find every process. */
const RESTORE_MS = 10_000;
/** Outputs wait in their FIFOs for so long at most. */
const SERVE_MS = 3_000;
/** What is just being started or wrapped up may be finished first. */
const START_MS = 10_000;
const ENDING_MS = 2_000;
const LOGS_MS = 1_000;
const POLL_MS = 5;

type HandedOver = Extract<RunnerResult, { kind: 'handed-over' }>;

/**
 * Gives this runner's place to another one, which is started for it.
 *
 *   preparing ──prepared──▶ freezing ──restored──▶ committing ──serving──▶ handed over: this process may end
 *       └────────────────────────┴──ended, failed, or time over──┴──────▶ as before
 */
export class HandOver {
  readonly #context: HandOverContext;
  readonly #estate: Estate;
  #successor: SuccessorProcess | undefined;

  constructor(context: HandOverContext) {
    this.#context = context;
    this.#estate = new Estate(context.table, () => context.activation.states(), context.clock);
  }

  /** Resolves when the other one serves; rejects with a RequestError, and then everything goes on here. */
  async to(command: readonly [string, ...string[]]): Promise<HandedOver> {
    const { clock, lock, paths, log } = this.#context;
    const begun = clock.monotonic();
    const successor = SuccessorProcess.start(command, { lockFds: lock.fds, logPath: paths.daemonLog, clock });
    this.#successor = successor;
    let back: () => Promise<void> = () => Promise.resolve();
    try {
      const { protocol, version, build } = await successor.next('prepared', PREPARE_MS);
      failpoint('upgrade.prepared');
      if (protocol < PROTOCOL_VERSION) {
        throw new Error(
          `it speaks protocol ${protocol}, and the apps have been driven by ${PROTOCOL_VERSION}`,
        );
      }
      await this.#settle();
      back = () => this.#thaw();
      await this.#restore(successor);
      failpoint('upgrade.restored');
      back = () => this.#comeBack();
      const instances = await this.#commit(successor);
      failpoint('upgrade.served');
      log(`handed over to process ${successor.pid} (version ${version}, build ${build})`);
      const ms = Math.round(clock.monotonic() - begun);
      return { kind: 'handed-over', pid: successor.pid, version, build, instances, ms };
    } catch (error) {
      const why = errorMessage(error);
      const output = successor.output();
      await successor.kill();
      this.#successor = undefined;
      await back();
      log(`no other runner takes over, this one goes on: ${why}`);
      throw new RequestError(
        'not-handed-over',
        [`the new runner does not come up: ${why}`, ...output].join('\n'),
      );
    }
  }

  /** What is asked for meanwhile, and must not be forgotten. */
  park(): void {
    this.#successor?.tell({ kind: 'park' });
  }

  /** What is under way is finished first, as far as it can be. */
  async #settle(): Promise<void> {
    const { clock } = this.#context;
    const begun = clock.monotonic();
    const waits = (): boolean => {
      const waited = clock.monotonic() - begun;
      return (this.#estate.isStarting && waited < START_MS) || (this.#estate.isEnding && waited < ENDING_MS);
    };
    while (waits()) await new Promise<void>((resolve) => clock.after(POLL_MS, resolve));
    if (this.#estate.isStarting) throw new Error('a process is still being started');
  }

  async #restore(successor: SuccessorProcess): Promise<void> {
    const { isParked, leaveWhenEmpty, ledger } = this.#context;
    const bequests = this.#estate.freeze((nonce, ending) => successor.tell({ kind: 'ended', nonce, ending }));
    await ledger.settled();
    failpoint('upgrade.frozen');
    for (const { message, handle } of bequests) successor.tell(message, handle);
    successor.tell({ kind: 'restore', parked: isParked(), leaveWhenEmpty: leaveWhenEmpty() });
    await successor.next('restored', RESTORE_MS);
  }

  async #commit(successor: SuccessorProcess): Promise<number> {
    const { logs, lock, stopListening } = this.#context;
    this.#estate.pauseOutputs();
    await logs.settle(LOGS_MS);
    stopListening();
    await lock.assign(successor.pid);
    failpoint('upgrade.released');
    for (const { nonce, output } of this.#estate.outputs()) successor.tell({ kind: 'output', nonce, output });
    successor.tell({ kind: 'commit', missing: logs.missing() });
    const { instances } = await successor.next('serving', SERVE_MS);
    return instances;
  }

  #thaw(): Promise<void> {
    this.#estate.thaw();
    return Promise.resolve();
  }

  /** The other one had the sockets and the ledger already. */
  async #comeBack(): Promise<void> {
    const { ledger, listenAgain, lock, log } = this.#context;
    await lock.assign(process.pid);
    this.#estate.thaw();
    await ledger.open();
    await listenAgain().catch((error: unknown) => log(`cannot listen again: ${errorMessage(error)}`));
  }
}
