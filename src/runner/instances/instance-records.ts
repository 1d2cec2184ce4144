import type { LedgerRecord } from '../ledger/ledger-record.ts';
import type { RunnerRequest } from '../protocol/messages.ts';
import type { ProcessIdentity } from '../processes/processes.ts';
import type { Instance } from './instance.ts';

/** Labels and settings for an instance that lives. */
export type InstanceUpdate = Omit<Extract<RunnerRequest, { kind: 'update' }>, 'kind'>;

/** Replaces what is only kept; gives what the ledger is to know of it. */
export function updateInstance(
  instance: Instance,
  { nonce, labels, logs, leftovers, background }: InstanceUpdate,
): LedgerRecord {
  instance.labels = labels;
  instance.logs = logs;
  instance.leftovers = leftovers ?? instance.leftovers;
  instance.background = background ?? instance.background;
  instance.output?.update({ labels, logs });
  return { kind: 'update', nonce, labels, logs, ...(leftovers && { leftovers }) };
}

/** To be written down when there is a process. */
export function startOf(
  { nonce, startedAt: at, limits, tuning, notify }: Instance,
  identity: ProcessIdentity,
): LedgerRecord {
  return {
    ...{ kind: 'started', nonce, ...identity, at },
    ...(limits && { limits }),
    ...(tuning && { tuning }),
    ...(notify && { notify: notify.place }),
  };
}
