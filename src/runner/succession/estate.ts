import type { ActivationSockets } from '../activation/activation-sockets.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Ending } from '../instances/background-rules.ts';
import type { Instance } from '../instances/instance.ts';
import type { InstanceTable } from '../instances/instance-table.ts';
import type { StopState } from '../instances/stop-options.ts';
import type { OutputState } from '../output/instance-output.ts';
import type { ChannelHandle } from '../channel/transport.ts';
import type { SocketHandle } from '../sockets/bind-socket.ts';
import { stateOf } from './instance-state.ts';
import type { ToSuccessor } from './messages.ts';

/** Something for the successor, and the descriptor that goes along. */
export interface Bequest {
  readonly message: ToSuccessor;
  readonly handle?: ChannelHandle | SocketHandle;
}

/** What a runner hands over of its process table, and takes back when the successor does not come up. */
export class Estate {
  readonly #table: InstanceTable;
  readonly #declared: ActivationSockets['states'];
  readonly #clock: Clock;
  readonly #stops = new Map<Instance, StopState>();

  /** `declared`: the sockets that apps declare. */
  constructor(table: InstanceTable, declared: ActivationSockets['states'], clock: Clock) {
    this.#table = table;
    this.#declared = declared;
    this.#clock = clock;
  }

  /** Whether a process is just being started, or told to reload: what becomes of it nobody else could say. */
  get isStarting(): boolean {
    return this.#table.reloads.isBeginning || this.#instances.some(({ phase }) => phase.state === 'starting');
  }

  /** Whether something is being wrapped up that has ended. */
  get isEnding(): boolean {
    return this.#table.gate.underWay.size > 0;
  }

  /**
   * From now on nothing happens here by itself but that outputs are read: stops stand still, channels are not read, and
   * that a process has ended is only told. Gives all that is to be handed over by now.
   */
  freeze(tell: (nonce: string, ending: Ending) => void): readonly Bequest[] {
    this.#table.gate.close((instance, ending) => tell(instance.nonce, ending));
    return [
      ...this.#instances.map((instance) => ({
        message: {
          kind: 'instance',
          state: stateOf(instance, this.#clock, this.#underWay(instance)),
        } as const,
      })),
      ...this.#instances.flatMap(channelOf),
      ...this.#table.sockets.states().map(({ socket, handle }) => ({
        message: { kind: 'socket', socket } as const,
        handle,
      })),
      ...this.#declared().map(({ socket, handle }) => ({
        message: { kind: 'declared-socket', socket } as const,
        handle,
      })),
    ];
  }

  /** Reads no output any more: what comes waits in the FIFOs. */
  pauseOutputs(): void {
    for (const { output } of this.#instances) output?.pause();
  }

  outputs(): readonly { readonly nonce: string; readonly output: OutputState }[] {
    return this.#instances.flatMap(({ nonce, output, phase }) =>
      output === null || phase.state === 'exited' ? [] : [{ nonce, output: output.state() }],
    );
  }

  /** Everything goes on here. */
  thaw(): void {
    for (const { output, channel } of this.#instances) {
      output?.resume();
      channel?.resume();
    }
    for (const [instance, state] of this.#stops) {
      if (instance.phase.state === 'stopping') instance.phase.stop.resume(state);
    }
    this.#stops.clear();
    for (const [instance, ending] of this.#table.gate.open()) this.#table.ended(instance, ending);
  }

  get #instances(): readonly Instance[] {
    return [...this.#table.instances.values()];
  }

  #underWay(instance: Instance): { readonly stop: StopState | null; readonly ending: Ending | null } {
    const { phase } = instance;
    const ending = this.#table.gate.underWay.get(instance) ?? null;
    if (phase.state !== 'stopping') return { stop: null, ending };
    const stop = phase.stop.suspend();
    this.#stops.set(instance, stop);
    // Nobody has asked for the end of one that has ended by itself.
    return { stop: phase.leftBehind === null ? stop : null, ending };
  }
}

function channelOf({ nonce, channel }: Instance): readonly Bequest[] {
  const suspended = channel?.suspend() ?? null;
  if (suspended === null) return [];
  const { handle, rest } = suspended;
  return [{ message: { kind: 'channel', nonce, rest: rest.toString('base64') }, handle }];
}
