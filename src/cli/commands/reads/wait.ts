import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { WaitTarget } from '../../../api/contract/wire/apply.ts';
import type { App } from '../../../api/contract/wire/apps.ts';
import { appKey } from '../../../lib/app-key.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import type { Api } from '../../session/api.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { converge } from '../../wait/converge.ts';
import { WAIT_GOALS } from '../../wait/goals.ts';
import type { WaitGoal } from '../../wait/goals.ts';
import { BaseCommand } from '../base/base-command.ts';
import { durationFlag, selectionFlags } from '../base/flags.ts';

/** `wait`: for scripts, what apply does after it has sent what it applies. */
export default class Wait extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Wait until apps are ready, have completed, are stopped, or are gone.';
  static override description = `Which apps are meant is found out once, at the start. What only a person changes ends the wait
at once: an app that somebody has stopped does not become ready by waiting.

  ready       healthy, every instance in the version that is declared
  completed   its processes have ended well and are not to run again; of a schedule: the last run
  stopped     no process is left, and none is to start
  gone        removed, and no process is left

Exit codes:
  0    all of them are
  1    there is no such app, one has failed, or waiting is in vain
  3    a rollout failed and the version before is kept; all else is fine
  4    not so after --timeout
  130  interrupted`;
  static override examples = [
    '<%= config.bin %> wait shop/api',
    '<%= config.bin %> wait migrate --for completed --timeout 10m',
    '<%= config.bin %> wait -l tier=web --for stopped',
  ];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps, or an ecosystem file.', ignoreStdin: true }),
  };
  static override flags = {
    for: Flags.option({
      options: WAIT_GOALS,
      default: 'ready' as const,
      description: 'What to wait for.',
      helpValue: 'GOAL',
    })(),
    ...selectionFlags,
    timeout: durationFlag({ description: 'Stop waiting after this long (exit 4).', default: '5m' }),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Wait);
    if (args.length === 0)
      throw usageError(
        'name an app, or all',
        'stateward get lists them; . means what the ecosystem file of this folder declares',
      );
    const goal = flags.for;
    const api = this.connect();
    const targets = (await this.#meant(args, goal, api)).map(targetOf);
    if (targets.length === 0) this.note('no apps');
    const exit = await converge({
      api,
      targets,
      goal,
      timeoutMs: flags.timeout,
      context: this.context,
      style: this.errStyle,
    });
    if (exit !== EXIT.OK) return exit;
    this.print(targets.map(({ app }) => `${app} ${goal}\n`).join(''));
    return EXIT.OK;
  }

  /** What is not there is gone; everything else needs to be there. */
  async #meant(words: readonly string[], goal: WaitGoal, api: Api): Promise<readonly App[]> {
    try {
      const selectors = await this.selectorsNamed(words, api);
      const { items } = unwrap(await api.apps({ selectors, spec: 'none', detail: 'brief' }));
      const slot = words.find((word) => /:\d+$/.test(word) && !items.some((app) => isNamed(app, word)));
      if (slot === undefined) return items;
      throw usageError(`${slot} names an instance, and what is waited for is an app`, 'leave the slot out');
    } catch (error) {
      const isGone = error instanceof FailureError && error.failures[0].code === 'SELECTOR_NOT_FOUND';
      if (goal === 'gone' && isGone) return [];
      throw error;
    }
  }
}

/** A name may end as a slot does. */
function isNamed({ project, name }: App, word: string): boolean {
  return word === name || word === appKey(project, name) || word.startsWith('/');
}

function targetOf({ project, name, status }: App): WaitTarget {
  return { app: appKey(project, name), generation: status.generation, gone: false };
}
