import type { Duplex } from 'node:stream';
import { Channel } from './channel.ts';
import type { Clock } from './clock.ts';
import { drainAnswer } from './drain.ts';
import type { Instance } from './instance.ts';
import type { LedgerRecord } from './ledger-record.ts';
import type { RunnerEvent } from './protocol.ts';

export interface ChannelContext {
  readonly clock: Clock;
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  readonly publish: (event: RunnerEvent) => void;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
}

/**
 * The channel of an instance over our end of it: keeps that it has said `ready`, tells its stop what it says about
 * draining, and hands on everything else.
 */
export function openChannel(instance: Instance, stream: Duplex, context: ChannelContext): Channel {
  const { nonce } = instance;
  const { clock, publish, publishInstance, record } = context;
  return new Channel(stream, {
    clock,
    onMessage: (message) => {
      const drain = drainAnswer(message);
      if (drain !== undefined) {
        if (instance.phase.state === 'stopping') instance.phase.stop.answered(drain);
      } else if (message !== 'ready') {
        publish({ event: 'message', nonce, message });
      } else if (!instance.ready) {
        instance.ready = true;
        void record({ kind: 'ready', nonce }, false);
        publishInstance(instance);
      }
    },
    onDropped: () => {
      const message = 'its messages are too large or come too fast: some were dropped';
      publish({ event: 'notice', nonce, code: 'messages-dropped', message });
    },
    onClose: () => {
      const { phase } = instance;
      if (phase.state === 'running') publishInstance(instance);
      if (phase.state === 'stopping') phase.stop.channelClosed();
    },
  });
}
