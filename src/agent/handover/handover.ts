import type { SharedListening } from '../listen/shared-listen.ts';
import type { ParentChannel } from '../parent-channel.ts';
import { HANDED, type Handed } from '../protocol.ts';
import type { WayBack } from './way-back.ts';

interface Parts {
  readonly parent: ParentChannel;
  readonly shared: SharedListening | null;
  readonly way: WayBack;
}

/**
 * Waits for the next runner and hands over to it: a channel like the one that was lost, and the sockets that this
 * process shares.
 */
export function handOver(target: NodeJS.Process, { parent, shared, way }: Parts): void {
  shared?.channelLost();
  const onChannel = (): void => {
    parent.renewed();
    shared?.channelBack();
    const last: Handed = { cmd: HANDED };
    parent.say(last);
  };
  import('./reconnect.ts')
    .then(({ reconnect }) => reconnect({ target, ...way, keeps: parent.keeps, onChannel }))
    .catch(() => undefined);
}
