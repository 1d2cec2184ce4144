import { HANDED } from '../../agent/protocol.ts';
import { Channel } from '../channel/channel.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { drainAnswer } from './drain.ts';
import type { Instance } from './instance.ts';
import type { LedgerRecord } from '../ledger/ledger-record.ts';
import type { RunnerEvent } from '../protocol/messages.ts';
import type { SocketRequests } from './socket-requests.ts';
import type { OpenTransport } from '../channel/transport.ts';

export interface ChannelContext {
  readonly clock: Clock;
  readonly record: (record: LedgerRecord, durable: boolean) => Promise<void>;
  readonly publish: (event: RunnerEvent) => void;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
  readonly sockets: SocketRequests;
  /** The agent of an instance of an earlier runner has said all that it has to say; absent: this runner started it. */
  readonly handedOver?: () => void;
}

/**
 * The channel of an instance over our end of it: keeps that it has said `ready`, sees to its shared sockets, tells its
 * stop what it says about draining, and hands on everything else.
 */
export function openChannel(instance: Instance, open: OpenTransport, context: ChannelContext): Channel {
  const { nonce } = instance;
  const { clock, publish, publishInstance, record, sockets, handedOver } = context;
  return new Channel(open, {
    clock,
    onMessage: (message) => {
      if (message !== 'ready') {
        publish({ event: 'message', nonce, message });
      } else if (!instance.ready) {
        instance.ready = true;
        void record({ kind: 'ready', nonce }, false);
        publishInstance(instance);
      }
    },
    onAgentMessage: (message, handle) => {
      if (sockets.onMessage(instance, message, handle)) return;
      const drain = drainAnswer(message);
      if (drain !== undefined) {
        if (instance.phase.state === 'stopping') instance.phase.stop.answered(drain);
      } else if (message.cmd === HANDED) handedOver?.();
      else publish({ event: 'message', nonce, message });
    },
    onDropped: () => {
      const message = 'its messages are too large, too deep or come too fast: some were dropped';
      publish({ event: 'notice', nonce, code: 'messages-dropped', message });
    },
    onClose: () => {
      const { phase } = instance;
      if (phase.state === 'running') publishInstance(instance);
      if (phase.state === 'stopping') phase.stop.channelClosed();
    },
  });
}
