import { setTimeout as sleep } from 'node:timers/promises';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { App } from '../../../api/contract/wire/apps.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import type { LoadedDocument } from '../../../config/load-document.ts';
import type { Target } from '../../../targets/model/target.ts';
import { durationFlag } from '../../commands/base/flags.ts';
import { outputFlag } from '../../commands/base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { renderRollouts, rolloutsOf } from '../../views/apps/rollout.ts';
import { renderJson } from '../../views/json.ts';
import { renderYaml } from '../../views/yaml.ts';
import { appsNamed } from '../apps-named.ts';
import { TargetCommand, targetFileFlags } from '../target-command.ts';

const LOOK_MS = 1000;

/** `rollout status --target`: how far the rollouts there are, or how the last ones ended. */
export default class TargetRolloutStatus extends TargetCommand {
  static override changesNothing = true;
  static override summary =
    'Show the rollouts of apps of the cluster: how far they are, or how the last one ended.';
  static override description = `Exit codes with --wait:
  0    the rollouts have ended well
  3    a rollout has failed
  4    not done after --timeout`;
  static override examples = ['<%= config.bin %> rollout status web --target kubernetes -w --timeout 10m'];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Names of apps; default: all.', ignoreStdin: true }),
  };
  static override flags = {
    ...targetFileFlags,
    wait: Flags.boolean({ char: 'w', description: 'Wait until they have ended.' }),
    timeout: durationFlag({ description: 'Stop waiting after this long (exit 4).', default: '5m' }),
    output: outputFlag(['table', 'json', 'yaml']),
  };

  protected override readonly images = 'unneeded';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TargetRolloutStatus);
    return this.withTarget(flags, 'not', (target, documents) =>
      this.interruptible(flags, async ({ signal }) => {
        const read = (): Promise<readonly App[]> => this.#apps(target, args, documents);
        const deadline = performance.now() + flags.timeout;
        let apps = await read();
        while (flags.wait && isGoingOn(apps) && !signal.aborted && performance.now() < deadline) {
          await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
          apps = await read();
        }
        const items = rolloutsOf(apps);
        if (flags.output === 'table') {
          this.print(renderRollouts(items, { style: this.outStyle, nowMs: this.context.clock.now() }));
          if (items.length === 0) this.note('no rollouts');
        } else {
          const list = { apiVersion: 'v1', kind: 'RolloutList', items };
          this.print(flags.output === 'json' ? renderJson(list) : await renderYaml(list));
        }
        if (!flags.wait) return EXIT.OK;
        if (items.some(({ state }) => state === 'failed')) return EXIT.ROLLED_BACK;
        if (signal.aborted) return EXIT.INTERRUPTED;
        return isGoingOn(apps) ? EXIT.TIMEOUT : EXIT.OK;
      }),
    );
  }

  async #apps(
    target: Target,
    args: readonly string[],
    documents: readonly LoadedDocument[],
  ): Promise<readonly App[]> {
    return appsNamed(unwrap(await target.status()).items, this.appNames(args, documents));
  }
}

function isGoingOn(apps: readonly App[]): boolean {
  return rolloutsOf(apps).some(({ state }) => state === 'progressing');
}
