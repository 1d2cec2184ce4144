import { readFileSync } from 'node:fs';
import type { Channel } from '../channel/channel.ts';
import type { OpenTransport } from '../channel/transport.ts';
import { appOf, processOf, type Instance } from '../instances/instance.ts';
import type { SocketRequests } from '../instances/socket-requests.ts';
import type { Clock } from '../../lib/clock.ts';

export interface HandoverContext {
  readonly clock: Clock;
  /** All that the runner knows, by nonce. */
  readonly instances: ReadonlyMap<string, Instance>;
  readonly sockets: Pick<SocketRequests, 'handedOverAll' | 'answerPostponed'>;
  readonly openChannel: (instance: Instance, open: OpenTransport) => Channel;
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
  readonly #awaited = new Set<Instance>();
  #onSettled: (() => void)[] = [];

  constructor(context: HandoverContext) {
    this.#context = context;
  }

  /** From now on agents can come. Resolves when all have, or after `ms` milliseconds. */
  begin(ms: number): Promise<void> {
    const { clock, instances } = this.#context;
    for (const instance of instances.values()) {
      if (instance.handover !== 'awaited') continue;
      if (canComeBack(instance)) this.#awaited.add(instance);
      else instance.handover = 'missing';
    }
    if (this.#awaited.size === 0) return Promise.resolve();
    clock.after(WAIT_MS, () => this.#giveUp());
    return new Promise((resolve) => {
      clock.after(ms, resolve);
      this.#onSettled.push(resolve);
    });
  }

  /** Whether an instance of this app (`project/name`) may yet hand over sockets. */
  awaits(app: string): boolean {
    return [...this.#awaited].some(
      (instance) => appOf(instance) === app && (instance.listening?.length ?? 0) > 0,
    );
  }

  /** Whether the channel of an instance is missed, so that an agent of this nonce is welcome. */
  isMissed(nonce: string): boolean {
    const instance = this.#context.instances.get(nonce);
    return instance !== undefined && canComeBack(instance);
  }

  /** The agent of the instance is here. One comes once: a channel that was closed since then stays so. */
  arrived(nonce: string, open: OpenTransport): void {
    const instance = this.#context.instances.get(nonce);
    if (instance === undefined) return;
    const pid = processOf(instance)?.identity.pid;
    instance.otherUser = pid === undefined || isOtherUser(pid);
    instance.channel = this.#context.openChannel(instance, open);
    this.#context.publishInstance(instance);
  }

  /** It has said all that it has to say. */
  handedOver(instance: Instance): void {
    if (instance.handover === 'complete') return;
    const { sockets, publishInstance } = this.#context;
    instance.handover = sockets.handedOverAll(instance) ? 'complete' : 'missing';
    publishInstance(instance);
    this.#settle(instance);
  }

  /** It has ended: nothing will come of it. */
  ended(instance: Instance): void {
    this.#settle(instance);
  }

  #giveUp(): void {
    for (const instance of [...this.#awaited]) {
      instance.handover = 'missing';
      this.#context.publishInstance(instance);
      this.#settle(instance);
    }
  }

  #settle(instance: Instance): void {
    if (!this.#awaited.delete(instance)) return;
    this.#context.sockets.answerPostponed();
    if (this.#awaited.size === 0) for (const settled of this.#onSettled.splice(0)) settled();
  }
}

/** Whether its agent may come: of one that was taken over and has no channel, nor had one from this runner. */
function canComeBack({ adopted, channel, phase }: Instance): boolean {
  return adopted && channel === null && (phase.state === 'running' || phase.state === 'stopping');
}

/** Where the kernel does not say, the stricter holds. */
function isOtherUser(pid: number): boolean {
  try {
    const uid = /^Uid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return uid === undefined || Number(uid) !== process.getuid?.();
  } catch {
    return process.getuid?.() === 0;
  }
}
