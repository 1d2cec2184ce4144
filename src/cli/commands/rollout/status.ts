import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { WaitTarget } from '../../../api/contract/wire/apply.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { Api } from '../../session/api.ts';
import { BaseCommand } from '../base/base-command.ts';
import { converge } from '../../wait/converge.ts';
import { unwrap } from '../../session/failures.ts';
import { durationFlag } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderJson } from '../../views/json.ts';
import { renderRollouts, rolloutsOf } from '../../views/apps/rollout.ts';
import type { AppRollout } from '../../views/apps/rollout.ts';
import { renderYaml } from '../../views/yaml.ts';

const UNDER_WAY: readonly string[] = ['progressing', 'paused'];

/** `rollout status`: prints and returns; with `-w` it is what `apply` does after it has sent what it applies. */
export default class RolloutStatus extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show the rollouts of apps: how far they are, or how the last one ended.';
  static override description = `Apps that never had a rollout are not listed.

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
    wait: Flags.boolean({ char: 'w', description: 'Wait until they have ended.' }),
    timeout: durationFlag({ description: 'Stop waiting after this long (exit 4).', default: '5m' }),
    output: outputFlag(['table', 'json', 'yaml']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(RolloutStatus);
    const api = this.connect();
    let rollouts = await readRollouts(args, api);
    if (flags.wait) {
      const exit = await converge({
        api,
        targets: rollouts.flatMap(({ rollout, target }) => (isWaitedFor(rollout) ? [target] : [])),
        timeoutMs: flags.timeout,
        context: this.context,
        style: this.errStyle,
      });
      if (exit !== EXIT.OK) return exit;
      rollouts = await readRollouts(args, api);
    }
    const items = rollouts.map(({ rollout }) => rollout);
    if (flags.output === 'table') {
      this.print(renderRollouts(items, { style: this.outStyle, nowMs: this.context.clock.now() }));
      if (items.length === 0) this.note('no rollouts');
    } else {
      const list = { apiVersion: 'v1', kind: 'RolloutList', items };
      this.print(flags.output === 'json' ? renderJson(list) : await renderYaml(list));
    }
    return EXIT.OK;
  }
}

interface Read {
  readonly rollout: AppRollout;
  readonly target: WaitTarget;
}

async function readRollouts(selectors: readonly string[], api: Api): Promise<readonly Read[]> {
  const { items } = unwrap(await api.apps({ selectors, spec: 'none' }));
  return items.flatMap((app) =>
    rolloutsOf([app]).map((rollout) => {
      // The present generation counts, even if the app was scaled since the rollout began.
      const generation = UNDER_WAY.includes(rollout.state) ? app.status.generation : rollout.generation;
      return { rollout, target: { app: rollout.app, generation, gone: false, revision: rollout.revision } };
    }),
  );
}

/** A rollout that failed before the command began ends like one that fails during the wait. */
function isWaitedFor({ state }: AppRollout): boolean {
  return UNDER_WAY.includes(state) || state === 'failed';
}
