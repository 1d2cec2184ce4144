import type { Clock } from '../../lib/clocks/clock.ts';
import type { HostFacts } from '../../notify/decide/matches.ts';
import type { ReceiverSpec } from '../../notify/model/receiver.ts';
import type { Message, SendResult } from '../../notify/send/jobs.ts';
import type { Store } from '../../state/store.ts';

/** What receivers are told with. */
export interface NotifyContext {
  readonly stateDir: string;
  readonly store: Pick<Store, 'appendEvent' | 'events' | 'resumeAt' | 'subscribe'>;
  readonly facts: HostFacts;
  readonly clock: Clock;
  readonly random: () => number;
  /** As messages name it. */
  readonly host: string;
  /** Makes an id of a text: the same of the same. */
  readonly newId: (about: string) => string;
  readonly send: (target: ReceiverSpec['to'], message: Message) => Promise<SendResult>;
  readonly log: (line: string) => void;
}
