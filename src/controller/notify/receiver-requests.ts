import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { AppsQuery } from '../../api/contract/endpoints/queries.ts';
import type { AppList } from '../../api/contract/wire/apps.ts';
import type { DaemonStatus, DaemonTrouble } from '../../api/contract/wire/daemon.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { Receivers } from './receivers.ts';
import { TOLD_AFTER } from './worker.ts';

type ReceiverCalls = Pick<
  ApiBackend,
  'receivers' | 'receiver' | 'declareReceivers' | 'removeReceiver' | 'testReceiver'
>;

/** What is asked of receivers. */
export function receiverRequests(receivers: Receivers): ReceiverCalls {
  return {
    receivers: () => Promise.resolve(ok(receivers.list())),
    receiver: ({ name }) => Promise.resolve(receivers.get(name)),
    declareReceivers: (request) => receivers.declare(request),
    removeReceiver: (request) => receivers.remove(request),
    testReceiver: ({ name }) => receivers.test(name),
  };
}

/** A list of every app says as well what of the daemon itself fails: who is not told of them, who cannot ask. */
export function withTrouble(
  listed: Result<AppList, Failure>,
  { selectors }: Pick<AppsQuery, 'selectors'>,
  trouble: () => DaemonTrouble,
): Result<AppList, Failure> {
  return listed.ok && selectors.length === 0 ? ok({ ...listed.value, ...trouble() }) : listed;
}

/** Receivers that are not reached, and not only for a moment. */
export function failingReceivers(receivers: Receivers): Pick<DaemonStatus, 'receivers'> {
  const failing = receivers.list().items.flatMap(({ name, status }) => {
    if (status.failing === null || status.failing.attempts < TOLD_AFTER) return [];
    const { since, message, hint } = status.failing;
    return [{ name, since, message, hint }];
  });
  return failing.length === 0 ? {} : { receivers: failing };
}
