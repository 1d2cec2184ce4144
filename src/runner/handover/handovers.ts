import { readFileSync } from 'node:fs';
import type { OpenTransport } from '../channel/transport.ts';
import { openChannel, type ChannelContext } from '../instances/instance-channel.ts';
import { processOf, type Instance } from '../instances/instance.ts';
import type { SocketRequests } from '../instances/socket-requests.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Awaited } from './awaited.ts';
import { failpoint } from '../../lib/failpoints/failpoint.ts';

export interface HandoverContext {
  readonly clock: Clock;
  /** All that the runner knows, by nonce. */
  readonly instances: ReadonlyMap<string, Instance>;
  readonly awaited: Awaited;
  readonly sockets: Pick<SocketRequests, 'handedOverAll'>;
  readonly channels: ChannelContext;
  /** The line of the instance has changed. */
  readonly publishInstance: (instance: Instance) => void;
}

/** An agent that has not come by then cannot: it looks for the runner every two seconds at least. */
const WAIT_MS = 3_000;

/**
 * The instances of an earlier runner whose agents are to come back, with their channels and their sockets. Until they
 * have, or their time is over, nobody says that anything is lost; one that was frozen is welcome later as well.
 */
export class Handovers {
  readonly #context: HandoverContext;

  constructor(context: HandoverContext) {
    this.#context = context;
  }

  /** From now on agents can come. Resolves when all have, or after `ms` milliseconds. */
  begin(ms: number): Promise<void> {
    const { clock, instances, awaited } = this.#context;
    for (const instance of instances.values()) {
      if (instance.handover !== 'awaited') continue;
      if (canComeBack(instance)) awaited.add(instance);
      else instance.handover = 'missing';
    }
    if (awaited.size === 0) return Promise.resolve();
    clock.after(WAIT_MS, () => this.#giveUp());
    return new Promise((resolve) => {
      clock.after(ms, resolve);
      awaited.onSettle(() => {
        if (awaited.size === 0) resolve();
      });
    });
  }

  /**
   * Whether the channel of an instance is missed, so that an agent of this nonce is welcome. `uid`: its process has to run
   * as this user; null: as any that can come here.
   */
  isMissed(nonce: string, uid: number | null): boolean {
    const instance = this.#context.instances.get(nonce);
    if (instance === undefined || !canComeBack(instance)) return false;
    const pid = processOf(instance)?.identity.pid;
    return uid === null || (pid !== undefined && userOf(pid) === uid);
  }

  /** The agent of the instance is here. One comes once: a channel that was closed since then stays so. */
  arrived(nonce: string, open: OpenTransport): void {
    const instance = this.#context.instances.get(nonce);
    if (instance === undefined) return;
    const pid = processOf(instance)?.identity.pid;
    instance.otherUser = pid === undefined || isOtherUser(userOf(pid));
    const handedOver = (): void => this.#handedOver(instance);
    instance.channel = openChannel(instance, open, { ...this.#context.channels, handedOver });
    if (instance.phase.state === 'stopping') instance.phase.stop.channelOpened();
    this.#context.publishInstance(instance);
  }

  /** It has said all that it has to say. */
  #handedOver(instance: Instance): void {
    if (instance.handover === 'complete') return;
    const { sockets, publishInstance } = this.#context;
    instance.handover = sockets.handedOverAll(instance) ? 'complete' : 'missing';
    publishInstance(instance);
    this.#context.awaited.settle(instance);
    failpoint('handover.done');
  }

  #giveUp(): void {
    const { awaited, publishInstance } = this.#context;
    for (const instance of awaited.all()) {
      instance.handover = 'missing';
      publishInstance(instance);
      awaited.settle(instance);
    }
  }
}

/** Whether its agent may come: of one that was taken over and has no channel, nor had one from this runner. */
function canComeBack({ adopted, channel, phase }: Instance): boolean {
  return adopted && channel === null && (phase.state === 'running' || phase.state === 'stopping');
}

/** Where the kernel does not say, the stricter holds. */
function isOtherUser(uid: number | null): boolean {
  return uid === null ? process.getuid?.() === 0 : uid !== process.getuid?.();
}

/** The user that a process runs as; null: the kernel does not say. */
function userOf(pid: number): number | null {
  try {
    const uid = /^Uid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return uid === undefined ? null : Number(uid);
  } catch {
    return null;
  }
}
