import { isCommand, PING, PONG, type Ping } from '../agent/protocol.ts';
import type { Driver } from '../driver/driver.ts';
import type { AppKey } from '../lib/app-key.ts';
import type { Cancel, Clock } from '../lib/clocks/clock.ts';
import { formatDuration } from '../lib/units.ts';
import { runMode } from '../plan/slots/effective.ts';
import type { DesiredApp } from '../plan/model/desired.ts';
import type { AppSpec } from '../spec/types.ts';
import {
  isDeclared,
  type Trigger,
  type TriggerInstance,
  type TriggerOutlet,
  type TriggerView,
} from './trigger.ts';

type HeartbeatSpec = NonNullable<AppSpec['heartbeat']>;

export interface HeartbeatOptions {
  readonly clock: Clock;
  readonly outlet: TriggerOutlet;
  readonly driver: Pick<Driver, 'send' | 'subscribe'>;
}

interface Beat {
  readonly key: AppKey;
  readonly slot: number;
  readonly spec: HeartbeatSpec;
  /** Until its first answer the process may be loading its modules: this long, on the monotonic clock. */
  readonly graceUntil: number;
  answered: boolean;
  /** The runner has passed the last question on. One that it has not says nothing about the process. */
  passedOn: boolean;
  heard: boolean;
  misses: number;
  /** On the monotonic clock. */
  dueAt: number;
  asked: boolean;
  cancel: Cancel;
}

/**
 * Asks the agent of each process for a sign of life and counts the answers that do not come. A process without a
 * channel (disconnected by the app, or with an agent that has not come back to a new runner) is not asked, nor is one that is being replaced.
 */
export function heartbeatTrigger(options: HeartbeatOptions): Trigger {
  const { clock, driver } = options;
  const beats = new Map<string, Beat>();
  const unsubscribe = driver.subscribe((event) => {
    const beat = event.kind === 'message' ? beats.get(event.nonce) : undefined;
    if (event.kind !== 'message' || beat === undefined || !isCommand(event.message, PONG)) return;
    beat.answered = true;
    beat.heard = true;
    beat.misses = 0;
  });
  const drop = (nonce: string): void => {
    beats.get(nonce)?.cancel();
    beats.delete(nonce);
  };
  return {
    sync({ apps, instances }: TriggerView): void {
      const beating = new Map(apps.filter(hasHeartbeat).map((app) => [app.key, app]));
      if (beating.size === 0 && beats.size === 0) return;
      const seen = new Set<string>();
      for (const instance of instances) {
        const app = beating.get(instance.key);
        if (app === undefined || instance.state !== 'running' || instance.connected !== true) continue;
        if (!isDeclared(instance, app)) continue;
        seen.add(instance.nonce);
        const before = beats.get(instance.nonce);
        if (before !== undefined && sameSpec(before.spec, app.spec.heartbeat)) continue;
        drop(instance.nonce);
        beats.set(instance.nonce, startBeat(instance, app));
      }
      for (const nonce of [...beats.keys()]) if (!seen.has(nonce)) drop(nonce);
    },
    close(): void {
      unsubscribe();
      for (const nonce of [...beats.keys()]) drop(nonce);
    },
  };

  function startBeat(instance: TriggerInstance, { spec }: DesiredApp): Beat {
    const { key, slot, nonce, upMs } = instance;
    const heartbeat = spec.heartbeat as HeartbeatSpec;
    const beat: Beat = {
      key,
      slot,
      spec: heartbeat,
      graceUntil: clock.monotonic() + spec.listen_timeout - upMs,
      answered: false,
      passedOn: false,
      heard: true,
      misses: 0,
      dueAt: 0,
      asked: false,
      cancel: () => undefined,
    };
    const arm = (): void => {
      beat.dueAt = clock.monotonic() + heartbeat.interval;
      beat.heard = false;
      beat.passedOn = false;
      const asked: Ping = { cmd: PING, id: beat.dueAt };
      void driver.send(nonce, asked).then((sent) => {
        if (asked.id === beat.dueAt) beat.passedOn = sent.ok;
      });
      beat.cancel = clock.after(heartbeat.interval, () => {
        count(beat, options);
        arm();
      });
    };
    arm();
    return beat;
  }
}

function count(beat: Beat, { clock, outlet }: HeartbeatOptions): void {
  const { spec, key, slot } = beat;
  const now = clock.monotonic();
  // This process was held up itself: an answer may be waiting to be read.
  if (beat.heard || now - beat.dueAt > spec.interval / 2) return;
  // The runner hangs, or the process has no channel any more.
  if (!beat.passedOn) return;
  if (!beat.answered && now < beat.graceUntil) return;
  beat.misses += 1;
  if (beat.misses < spec.misses || beat.asked) return;
  beat.asked = true;
  const silent = formatDuration(beat.misses * spec.interval);
  const detail = `no answer from its event loop to ${beat.misses} heartbeats in ${silent}`;
  outlet.requestRestart({ key, slot, reason: 'HeartbeatMissed', detail });
}

function hasHeartbeat({ spec, override }: DesiredApp): boolean {
  return spec.heartbeat !== null && runMode(spec, override) !== 'stopped';
}

function sameSpec(one: HeartbeatSpec, other: HeartbeatSpec | null): boolean {
  return one.interval === other?.interval && one.misses === other.misses;
}
