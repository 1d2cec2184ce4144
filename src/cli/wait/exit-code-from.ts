import { assess } from '../../api/contract/progress/assess.ts';
import { readyText } from '../../api/contract/progress/amounts.ts';
import { waiting } from '../../api/contract/progress/progress.ts';
import type { Progress } from '../../api/contract/progress/progress.ts';
import type { WaitTarget } from '../../api/contract/wire/apply.ts';
import type { App } from '../../api/contract/wire/apps.ts';
import { appKey, type AppKey } from '../../lib/app-key.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { unwrap } from '../session/failures.ts';
import { converge, type ConvergeOptions } from './converge.ts';
import { exitCodeOf, hasEnded } from './ended.ts';

/**
 * As `converge`, but one app is waited for until it has ended for good, and its exit code is what is given. Ends as soon
 * as that one has failed, whatever the others come to; when it has ended well, they still have to be as asked for.
 */
export async function exitCodeFrom(named: AppKey, options: ConvergeOptions): Promise<ExitCode> {
  const ended: { code: number | null } = { code: null };
  const exit = await converge({
    ...options,
    targets: await withTarget(named, options),
    assess: (target, app, wasListed) => {
      if (target.app !== named || app === undefined) return assess(target, app, wasListed);
      ended.code = isOver(app, target) ? exitCodeOf(app) : null;
      if (ended.code === null) return goesOn(target, app);
      return { state: 'done', text: `ended, exit code ${ended.code}` };
    },
    isEnough: () => ended.code !== null && ended.code !== 0,
  });
  const { code } = ended;
  if (exit !== EXIT.OK || code === null) return exit;
  const ran = options.targets.some(({ app }) => app === named);
  const before = ran ? '' : ' before, and nothing has changed since (apply --reload runs it again)';
  options.context.streams.stderr.write(`${named} has ended with exit code ${code}${before}\n`);
  // An app's own code may be any.
  return code as ExitCode;
}

/** An app that the apply has left alone may still be running. */
async function withTarget(
  named: AppKey,
  { api, targets }: Pick<ConvergeOptions, 'api' | 'targets'>,
): Promise<readonly WaitTarget[]> {
  if (targets.some(({ app }) => app === named)) return targets;
  const { items } = unwrap(await api.apps({ selectors: [named], spec: 'none' }));
  const app = items.find(({ project, name }) => appKey(project, name) === named);
  if (app === undefined) return targets;
  return [...targets, { app: named, generation: app.status.generation, gone: false }];
}

/** By itself, and after it has run: one that could not be started has no exit code. */
function isOver(app: App, { generation }: WaitTarget): boolean {
  const { assessedGeneration, health, instances } = app.status;
  if (assessedGeneration < generation || health === 'Stopped') return false;
  return hasEnded(app) && instances.some(({ lastExit }) => lastExit?.error === null);
}

function goesOn(target: WaitTarget, app: App): Progress {
  const progress = assess(target, app, true);
  if (progress.state !== 'done') return progress;
  if (app.status.health !== 'Stopped') return waiting(`running, ${readyText(app)}`);
  return { state: 'failed', text: 'Stopped: it has not ended by itself', isInVain: true };
}
