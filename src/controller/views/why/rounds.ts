import type { RoundsQuery } from '../../../api/contract/endpoints/queries.ts';
import type { RoundInfo, RoundList } from '../../../api/contract/wire/rounds/rounds.ts';
import type { AppKey } from '../../../lib/app-key.ts';
import type { Failure } from '../../../lib/failure.ts';
import { ok, type Result } from '../../../lib/result.ts';
import type { Round, RoundBook } from '../../../reconcile/rounds.ts';
import { redactorOf, redactText } from '../../../spec/secrets/redact.ts';
import type { Store } from '../../../state/store.ts';
import { selectedKeys } from '../app-queries.ts';
import { toRfc3339 } from '../wire-values.ts';

interface RoundSources {
  readonly store: Store;
  readonly loop: { readonly rounds: RoundBook };
}

/** GET /v1/rounds. Fails when a selector matches nothing. */
export function listRounds(
  { selectors, limit }: RoundsQuery,
  { store, loop: { rounds } }: RoundSources,
): Result<RoundList, Failure> {
  const keys = selectedKeys(selectors, store);
  if (!keys.ok) return keys;
  const kept = keys.value === null ? rounds.all() : [...keys.value].flatMap((key) => rounds.of(key));
  const newest = kept.toSorted((one, other) => other.at - one.at).slice(0, limit);
  const items = newest.map((round) => viewRound(round, withoutSecrets(round.key, store)));
  return ok({ apiVersion: 'v1', kind: 'RoundList', items });
}

/** What failed may quote what a program said. */
function viewRound({ at, actions, verdict, error, ...round }: Round, show: Show): RoundInfo {
  return {
    ...round,
    at: toRfc3339(at),
    actions: actions.map((action) => ({
      ...action,
      error: action.error === null ? null : show(action.error),
    })),
    verdict: verdict === null ? null : show(verdict),
    error: error === null ? null : show(error),
  };
}

type Show = (text: string) => string;

function withoutSecrets(key: AppKey, store: Store): Show {
  const spec = store.desiredApp(key)?.spec;
  return spec === undefined ? redactText : redactorOf(spec);
}
