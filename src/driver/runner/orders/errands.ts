import type { StopOrder } from '../../../plan/model/stop-order.ts';
import type { ErrandSpec, ReloadSpec, StopSpec } from '../../../runner/protocol/orders.ts';
import type { ReloadOrder, StartOrder, Surroundings } from '../../driver.ts';
import { surroundings, type LaunchContext } from './launch.ts';

type Context = Pick<LaunchContext, 'baseEnv'>;

/** How the process in this slot is to end, in the runner's words. */
export function stopSpec(
  { nonce, slot, ports, secrets }: Pick<StartOrder, 'nonce' | 'slot' | 'ports' | 'secrets'>,
  { shutdown, ...how }: StopOrder,
  context: Context,
): StopSpec {
  if (shutdown === undefined) return { nonce, ...how };
  return {
    nonce,
    ...how,
    command: errandSpec(shutdown, surroundings({ app: shutdown.app, slot, ports, secrets }, context)),
  };
}

/** A program that is run for a process of the app, where that runs and as whom. */
function errandSpec(
  { command, timeoutMs }: { readonly command: readonly string[]; readonly timeoutMs: number },
  around: Surroundings,
): ErrandSpec {
  const [file = '', ...args] = command;
  return { file, args, ...around, timeoutMs };
}

/** How a process of the app is asked to read its settings again. */
export function reloadSpec(
  { nonce, app, slot, count, code, secrets }: ReloadOrder,
  { ports, ...context }: Context & Pick<StartOrder, 'ports'>,
): ReloadSpec {
  const { signal, command, timeout } = app.spec.reload ?? { signal: null, command: null, timeout: 0 };
  const about = { nonce, count, ...(code !== undefined && { code }) };
  if (command === null) return { ...about, ...(signal !== null && { signal }) };
  const errand = errandSpec(
    { command, timeoutMs: timeout },
    surroundings({ app, slot, ports, secrets }, context),
  );
  return { ...about, command: errand };
}
