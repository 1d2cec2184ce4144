import type {
  ActionOutcome,
  ActionRequest,
  ActionResponse,
  CustomFields,
} from '../../api/contract/wire/custom/custom.ts';
import { DEFAULT_ACTION_MS } from '../../api/contract/wire/custom/custom.ts';
import type { Driver } from '../../driver/driver.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Cancel, Clock } from '../../lib/clocks/clock.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { Condition } from '../../plan/model/health.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import type { Store } from '../../state/store.ts';
import { askForOffers } from '../../triggers/usage/ask-for-offers.ts';
import { askEach } from '../verbs/deliveries.ts';
import { NO_CHANNEL } from '../verbs/messages.ts';
import { ActionCalls } from './action-calls.ts';
import { CustomTable } from './custom-table.ts';
import { leftOutCondition } from './left-out.ts';
import { ErrorReports } from './error-reports.ts';
import { readSaid, type Said } from './said.ts';

export interface CustomOptions {
  readonly driver: Pick<Driver, 'instance' | 'instances' | 'instancesOf' | 'send' | 'subscribe'>;
  readonly store: Store;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
  /** Shows a condition of an app, or takes it back with null. */
  readonly show: (key: AppKey, type: Condition['type'], condition: Condition | null) => void;
}

/** What apps measure, offer and tell of themselves by messages (docs/custom-metrics.md). */
export interface Custom {
  readonly fieldsOf: (nonce: string) => CustomFields;
  /** POST /v1/actions. */
  readonly act: (request: ActionRequest) => Promise<Result<ActionResponse, Failure>>;
  /** Calls back when an app has reported or offered something, until the returned function is called. */
  readonly onChange: (listener: (key: AppKey) => void) => Cancel;
}

/** Listens to what processes say from now on, and asks those that run what they offer. */
export function openCustom({ driver, store, clock, show }: CustomOptions): Custom {
  const table = new CustomTable();
  const calls = new ActionCalls(driver, clock);
  const errors = new ErrorReports({ store, clock });
  const dropped = new Set<string>();
  const listeners = new Set<(key: AppKey) => void>();

  const judge = (key: AppKey): void => {
    const said = driver
      .instancesOf(key)
      .filter(({ state }) => state !== 'exited')
      .map(({ slot, nonce }) => ({ slot, left: table.leftOutOf(nonce), dropped: dropped.has(nonce) }));
    show(key, 'Reported', leftOutCondition(said));
  };
  const changed = (key: AppKey): void => {
    for (const listener of listeners) listener(key);
  };
  const hear = (instance: ObservedInstance, said: Said): void => {
    const { nonce, key } = instance;
    switch (said.kind) {
      case 'metrics':
      case 'action':
        if (table.take(nonce, said)) judge(key);
        changed(key);
        return;
      case 'reply':
      case 'part':
        calls.hear(nonce, said);
        return;
      case 'error':
        errors.hear(instance, said.error);
        return;
      case 'nothing':
        return;
    }
  };
  const forget = ({ nonce, key }: ObservedInstance): void => {
    const wasDropped = dropped.delete(nonce);
    calls.forget(nonce);
    errors.forget(nonce);
    if (table.forget(nonce) || wasDropped) judge(key);
  };
  driver.subscribe((event) => {
    switch (event.kind) {
      case 'message': {
        const said = readSaid(event.message);
        const instance = said === null ? undefined : driver.instance(event.nonce);
        if (said !== null && instance !== undefined) hear(instance, said);
        return;
      }
      case 'notice': {
        const instance = event.nonce === null ? undefined : driver.instance(event.nonce);
        if (event.code !== 'messages-dropped' || instance === undefined) return;
        dropped.add(instance.nonce);
        judge(instance.key);
        return;
      }
      case 'instance':
        if (event.instance.state === 'exited') forget(event.instance);
        return;
      // What they offered meanwhile was said to nobody.
      case 'connected':
        askForOffers(driver);
        return;
      default:
        return;
    }
  });
  askForOffers(driver);

  const ask = async (
    { nonce, connected }: ObservedInstance,
    { action: name, parameter, timeoutMs = DEFAULT_ACTION_MS }: ActionRequest,
  ): Promise<ActionOutcome> => {
    const action = table.action(nonce, name);
    if (action !== undefined) return calls.ask(nonce, { action, parameter, timeoutMs });
    if (connected === false) return { state: 'notSent', message: NO_CHANNEL };
    const offered = (table.fieldsOf(nonce).actions ?? []).map((one) => one.name);
    const message =
      offered.length === 0 ? 'it offers no actions' : `it offers no such action, but ${offered.join(', ')}`;
    return { state: 'notOffered', message, offered };
  };
  return {
    fieldsOf: (nonce) => table.fieldsOf(nonce),
    async act(request) {
      const none: ActionOutcome = { state: 'notSent', message: 'it does not run' };
      const results = await askEach(request.selectors, { store, driver }, none, (instance) =>
        ask(instance, request),
      );
      return results.ok ? ok({ results: results.value }) : results;
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
