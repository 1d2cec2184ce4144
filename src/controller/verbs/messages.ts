import type { MessageRequest, MessageResponse } from '../../api/contract/wire/messages.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { Driver } from '../../driver/driver.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import type { NewEvent } from '../../state/events/event-log.ts';
import type { Store } from '../../state/store.ts';
import type { ControllerContext } from '../context/context.ts';
import { isSaid } from '../custom/said.ts';
import { deliverTo } from './deliveries.ts';

/** Longer texts are cut; longer messages are left out of their events. */
const MAX_TEXT_CHARS = 1_024;
const MAX_DATA_CHARS = 4_096;

/** Why nothing can be said to a process. */
export const NO_CHANNEL =
  'it has no channel: it is not a Node app, it has `agent: false`, or its agent has not come back to this runner';

/** Announces what apps send with `process.send`, until the returned function is called. */
export function announceMessages(
  driver: Pick<Driver, 'subscribe' | 'instance'>,
  store: Pick<Store, 'announce'>,
  clock: Clock,
): Cancel {
  return driver.subscribe((event) => {
    if (event.kind !== 'message' || isInternal(event.message) || isSaid(event.message)) return;
    const instance = driver.instance(event.nonce);
    if (instance !== undefined) store.announce(messageEvent(event.message, instance, clock.now()));
  });
}

/** A message as an event: its text in one line, and itself. */
export function messageEvent(
  message: unknown,
  { key, slot, pid, generation }: Pick<ObservedInstance, 'key' | 'slot' | 'pid' | 'generation'>,
  at: number,
): NewEvent {
  const json = JSON.stringify(message);
  const line = typeof message === 'string' ? message.replaceAll(/\s*\n\s*/g, ' ').trim() : json;
  const text = line.length <= MAX_TEXT_CHARS ? line : `${line.slice(0, MAX_TEXT_CHARS - 1)}…`;
  return {
    ...{ at, level: 'info', reason: 'MessageReceived', message: text, key, slot, pid, generation },
    ...(json.length <= MAX_DATA_CHARS && { data: message }),
  };
}

/** Messages between agent and controller. Node reserves the prefix `NODE_` too. */
function isInternal(message: unknown): boolean {
  if (typeof message !== 'object' || message === null) return false;
  const cmd: unknown = Reflect.get(message, 'cmd');
  return typeof cmd === 'string' && cmd.startsWith('NODE_');
}

/** POST /v1/messages: to every live process of what the selectors mean. */
export function sendMessage(
  { selectors, message }: MessageRequest,
  { store, driver }: Pick<ControllerContext, 'store' | 'driver'>,
): Promise<Result<MessageResponse, Failure>> {
  return deliverTo(selectors, { store, driver }, (instance) => sendTo(instance, message, driver));
}

/** Why the message did not get there; null: it did. */
async function sendTo(
  { nonce, connected }: ObservedInstance,
  message: unknown,
  driver: Pick<Driver, 'send'>,
): Promise<string | null> {
  if (connected === false) return NO_CHANNEL;
  const sent = await driver.send(nonce, message);
  return sent.ok ? null : sent.error.message;
}
