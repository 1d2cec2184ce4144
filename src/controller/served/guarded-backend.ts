import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import { withAudit } from './audited-acts.ts';
import type { ControllerContext } from '../context/context.ts';
import { whileFrozen } from '../freezes/while-frozen.ts';
import { withoutRunner } from './without-runner.ts';

/** The backend as it is served: what the runner, or a freeze, does not allow is refused; what is done is on record. */
export function guardedBackend(
  backend: ApiBackend,
  { driver, freezes, store }: Pick<ControllerContext, 'driver' | 'freezes' | 'store'>,
): ApiBackend {
  return withoutRunner(whileFrozen(withAudit(backend, store), { freezes, store }), driver);
}
