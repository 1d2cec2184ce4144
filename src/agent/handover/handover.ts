import type { SharedListening } from '../listen/shared-listen.ts';
import type { ParentChannel } from '../parent-channel.ts';
import { AGENTS_VARIABLE, HANDED, type Handed } from '../protocol.ts';

const NONCE_VARIABLE = 'STATEWARD_INSTANCE';

export interface WayBack {
  readonly path: string;
  readonly nonce: string;
}

/** How to reach the next runner, hidden from the app from now on; null: this process was not told. */
export function wayBack({ env }: NodeJS.Process): WayBack | null {
  const path = env[AGENTS_VARIABLE];
  const nonce = env[NONCE_VARIABLE];
  Reflect.deleteProperty(env, AGENTS_VARIABLE);
  return path === undefined || nonce === undefined ? null : { path, nonce };
}

interface Parts {
  readonly parent: ParentChannel;
  readonly shared: SharedListening | null;
  readonly way: WayBack;
}

/**
 * Waits for the next runner and hands over to it: a channel like the one that was lost, and the sockets that this
 * process shares. Until a channel is lost an app pays for nothing: what does the work is loaded then.
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
