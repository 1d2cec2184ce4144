import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { WaitTarget } from '../../../api/contract/wire/apply.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { Api } from '../../session/api.ts';
import { BaseCommand } from '../base/base-command.ts';
import { converge } from '../../wait/converge.ts';
import { isSettled } from '../../../api/contract/progress/settled.ts';
import type { App } from '../../../api/contract/wire/apps.ts';
import { appKey } from '../../../lib/app-key.ts';
import { unwrap } from '../../session/failures.ts';
import { durationFlag, selectionFlags, targetFlag } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderJson } from '../../views/json.ts';
import { renderRollouts, rolloutsOf } from '../../views/apps/rollout.ts';
import { renderYaml } from '../../views/yaml.ts';

/** `rollout status`: prints and returns; with `-w` it is what `apply` does after it has sent what it applies. */
export default class RolloutStatus extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show the rollouts of apps: how far they are, or how the last one ended.';
  static override description = `Apps that never had a rollout are not listed. With --wait, one whose first version is
still coming up is waited for too.

Exit codes with --wait:
  0    the rollouts have ended well
  1    an app failed, or somebody else has asked for something else since
  3    a rollout has failed and the version before is kept
  4    not done after --timeout`;
  static override examples = [
    '<%= config.bin %> rollout status',
    '<%= config.bin %> rollout status shop/web -w --timeout 10m',
  ];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Selectors of apps; default: all.', ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    wait: Flags.boolean({ char: 'w', description: 'Wait until they have ended.' }),
    timeout: durationFlag({ description: 'Stop waiting after this long (exit 4).', default: '5m' }),
    ...targetFlag,
    output: outputFlag(['table', 'json', 'yaml']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(RolloutStatus);
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    let apps = await readApps(selectors, api);
    if (flags.wait) {
      const exit = await converge({
        api,
        targets: apps.flatMap(targetOf),
        timeoutMs: flags.timeout,
        context: this.context,
        style: this.errStyle,
      });
      if (exit !== EXIT.OK) return exit;
      apps = await readApps(selectors, api);
    }
    const items = rolloutsOf(apps);
    if (flags.output === 'table') {
      this.print(renderRollouts(items, { style: this.outStyle, nowMs: this.context.clock.now() }));
      if (items.length === 0 && !flags.wait) this.note('no rollouts');
    } else {
      const list = { apiVersion: 'v1', kind: 'RolloutList', items };
      this.print(flags.output === 'json' ? renderJson(list) : await renderYaml(list));
    }
    return EXIT.OK;
  }
}

async function readApps(selectors: readonly string[], api: Api): Promise<readonly App[]> {
  return unwrap(await api.apps({ selectors, spec: 'none' })).items;
}

/** What is waited for of an app: its rollout, or the first version of it, which takes the place of nothing. */
function targetOf({ project, name, status }: App): readonly WaitTarget[] {
  const { generation, rollout = null } = status;
  const app = appKey(project, name);
  if (rollout === null) {
    if (isSettled(generation, status)) return [];
    return [{ app, generation, gone: false, revision: status.revision }];
  }
  switch (rollout.state) {
    case 'progressing':
    case 'paused':
      // The present generation counts, even if the app was scaled since the rollout began.
      return [{ app, generation, gone: false, revision: rollout.revision }];
    case 'failed':
      // One that failed before the command began ends like one that fails during the wait.
      return [{ app, generation: rollout.generation, gone: false, revision: rollout.revision }];
    default:
      return [];
  }
}
