import type { ActivationSockets } from '../activation/activation-sockets.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { channelPipe } from '../handover/handle-pipe.ts';
import { pipeTransport } from '../handover/pipe-transport.ts';
import type { InstanceTable } from '../instances/instance-table.ts';
import type { MissingLines } from '../logs/counts/dropped-lines.ts';
import type { LogStore } from '../logs/log-store.ts';
import { goOnFrom as putIn } from './instance-state.ts';
import type { Predecessor } from './predecessor.ts';

interface Parts {
  readonly table: InstanceTable;
  readonly activation: ActivationSockets;
  readonly logs: LogStore;
}

export interface GoOnOptions {
  readonly clock: Clock;
  readonly before: Predecessor;
  /** Lines that are in no log file, by the path of it. */
  readonly missing: Readonly<Record<string, MissingLines>>;
}

/**
 * Goes on where the runner before has stopped, with all that it has handed over: sockets and channels first, as what
 * follows from an end may need them; outputs are read from here on; then stops, and ends that only it has seen.
 */
export function goOnFrom({ table, activation, logs }: Parts, { clock, before, missing }: GoOnOptions): void {
  for (const { socket, handle } of before.sockets) table.sockets.inherit(socket, handle);
  for (const { socket, handle } of before.declared) activation.inherit(socket, handle);
  logs.goOnFrom(missing);
  for (const instance of table.instances.values()) {
    const { nonce, output } = instance;
    const state = before.instances.get(nonce);
    if (state !== undefined) putIn(instance, state, clock);
    goOnSpeaking(table, nonce, { clock, before });
    const read = before.outputs.get(nonce);
    if (read !== undefined) {
      instance.linesBefore = read.lines;
      if (read.isOver) instance.problems.delete('output-lost');
      output?.goOnFrom(read);
    }
    output?.resume();
    table.reloads.resume(instance);
    if (state?.stop != null) table.endings.goOnStopping(instance, state.stop);
    if (state?.ending != null) table.ended(instance, state.ending);
  }
  before.onEnding((nonce, ending) => {
    const instance = table.instances.get(nonce);
    if (instance !== undefined) table.ended(instance, ending);
  });
}

/** A channel that cannot be used here is left to the agent at its other end, which comes for another one. */
function goOnSpeaking(
  table: InstanceTable,
  nonce: string,
  { clock, before }: Pick<GoOnOptions, 'clock' | 'before'>,
): void {
  const channel = before.channels.get(nonce);
  const pipe = channel === undefined ? null : channelPipe(channel.handle);
  if (channel === undefined || pipe === null) return;
  table.handovers.arrived(nonce, pipeTransport(pipe, clock, true));
  table.instances.get(nonce)?.channel?.goOnFrom(channel.rest);
}
