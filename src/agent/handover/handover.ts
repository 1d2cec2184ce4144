import type { SharedListening } from '../listen/shared-listen.ts';
import type { ParentChannel } from '../parent-channel.ts';
import { HANDED, type Handed } from '../protocol.ts';
import type { WayBack } from './way-back.ts';

interface Parts {
  readonly parent: ParentChannel;
  readonly shared: SharedListening | null;
  readonly way: WayBack;
  /** The next runner does not take what there is to hand over now. */
  readonly again: () => void;
}

/** Hands over to the next runner: a channel like the one that was lost, and the sockets that this process shares. */
export function handOver(target: NodeJS.Process, { parent, shared, way, again }: Parts): void {
  const onChannel = (): void => {
    parent.renewed();
    shared?.channelBack();
    const last: Handed = { cmd: HANDED };
    parent.say(last);
  };
  import('./reconnect.ts')
    .then(({ reconnect }) => reconnect({ target, ...way, keeps: parent.keeps, onChannel, again }))
    .catch(() => undefined);
}
