import type { HostFacts } from '../../src/notify/decide/matches.ts';
import { ALERTS_RULE, type ReceiverSpec, type Rule } from '../../src/notify/model/receiver.ts';
import { newReceiver, type ReceiverRecord } from '../../src/notify/model/record.ts';
import type { Reason } from '../../src/plan/model/reasons.ts';
import type { EventRecord } from '../../src/state/model/types.ts';

export const T0 = Date.UTC(2026, 0, 1);

export function receiver(more: Partial<ReceiverSpec> = {}): ReceiverRecord {
  const spec: ReceiverSpec = {
    name: 'ops',
    to: {
      kind: 'webhook',
      address: { kind: 'url', url: 'https://example.org/hook' },
      caFile: null,
      insecure: false,
      secretFile: null,
      tokenFile: null,
    },
    rules: [ALERTS_RULE],
    repeatMs: 4 * 3_600_000,
    settleMs: 30_000,
    groupMs: 5_000,
    limit: 30,
    ...more,
  };
  return newReceiver(spec, { by: 'ann', at: T0, command: 'notify apply' }, 0);
}

export function rule(more: Partial<Rule>): Rule {
  return { ...ALERTS_RULE, ...more };
}

export function event(seq: number, reason: Reason, more: Partial<EventRecord> = {}): EventRecord {
  return {
    seq,
    at: T0 + seq,
    level: 'error',
    reason,
    message: `what ${reason} says`,
    key: 'shop/api',
    slot: null,
    pid: null,
    generation: null,
    ...more,
  };
}

/** Every app is there, and shows the reasons of `shown`. */
export function facts(shown: readonly string[] = [], more: Partial<HostFacts> = {}): HostFacts {
  return {
    app: () => ({ labels: { team: 'payments' }, source: 'repo' }),
    shows: (_, reason) => shown.includes(reason),
    gitSources: () => ['repo'],
    remoteOf: () => 'https://github.com/acme/shop.git',
    ...more,
  };
}
