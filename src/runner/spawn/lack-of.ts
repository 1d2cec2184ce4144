import { findHelpers } from '../notify/notify-helper.ts';
import type { SpawnSpec } from '../protocol/orders.ts';
import { launchCommand } from './launch-command.ts';
import { failureOfStart } from './limits-hint.ts';
import { checkRunnable } from './prefixes/put-in-front.ts';

/**
 * Why a start would fail on this host, in the words of its exit; null: nothing is known against it. Looks at what is
 * there and starts nothing. What is short for a moment is no lack.
 */
export async function lackOf({ tuning: _, ...spec }: SpawnSpec): Promise<string | null> {
  // Of what its processes are to have beside the command, they run without what the host does not give.
  if (spec.unresolved !== undefined) return spec.unresolved;
  const user = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  try {
    const { file, env, cwd } = await launchCommand(spec, { user, env: process.env });
    await checkRunnable({ file, args: [], env, cwd });
    if (spec.notify !== undefined) await findHelpers();
    return null;
  } catch (cause) {
    const { error, shortage } = failureOfStart(cause);
    return shortage === true ? null : error;
  }
}
