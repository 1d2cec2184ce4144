import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { PlanBasis } from '../../../api/contract/wire/plan.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import type { Target, TargetPlan, TargetScope } from '../../../targets/model/target.ts';
import { waitFlags } from '../../commands/base/flags.ts';
import { outputFlag } from '../../commands/base/output-format.ts';
import { confirm } from '../../session/confirm.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { hasChanges } from '../../views/plan/changes.ts';
import { renderJson } from '../../views/json.ts';
import { renderPlan } from '../../views/plan/plan-human.ts';
import { renderSummary } from '../../views/plan/summary.ts';
import { TargetCommand, targetFileFlags, targetScopeFlags, type TargetFileFlags } from '../target-command.ts';

/** What is applied: the file with its flags, or what a saved plan was made from. */
interface Applied {
  readonly files: TargetFileFlags;
  readonly scope: TargetScope;
  readonly basis: PlanBasis | null;
}

/** `apply --target`: makes the cluster as the file declares it, wave by wave, and takes back what fails. */
export default class TargetApply extends TargetCommand {
  static override summary = 'Make the cluster as the ecosystem file declares it, touching only what differs.';
  static override description = `Objects are applied by the server, as the field manager stateward: apps that others depend on first.

Exit codes:
  0    it is done, or there was nothing to do
  1    an app failed, or the cluster refused an object
  3    a rollout failed and what ran before runs again; all else is fine
  4    not done after --timeout; the cluster goes on with it
  5    the saved plan does not hold any more
  6    refused by a guard, or a field is somebody else's, and nothing was changed
  69   the cluster cannot be reached, or there is no kubectl
  130  interrupted; what was applied stays`;
  static override examples = [
    '<%= config.bin %> apply --target kubernetes --image registry.example.com/shop:2.4.1',
    '<%= config.bin %> apply --target kubernetes plan.json',
  ];
  static override args = {
    plan: Args.string({
      description: 'Saved plan (plan -o json) to apply, if it still holds.',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    ...targetFileFlags,
    ...targetScopeFlags,
    wait: waitFlags.wait,
    timeout: waitFlags.timeout,
    'dry-run': Flags.boolean({ description: 'Show the plan and stop.' }),
    confirm: Flags.boolean({ description: 'Show the plan and ask before applying it.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TargetApply);
    if (flags.confirm && !process.stdin.isTTY)
      throw usageError(
        '--confirm needs a terminal to ask on',
        'leave --confirm out to apply without a question',
      );
    const { files, scope, basis } = await this.#applied(flags, args[0]);
    return this.withTarget(files, 'counted', async (target) => {
      const json = flags.output === 'json';
      const show = (plan: TargetPlan): void => {
        if (!json && hasChanges(plan.document)) this.print(this.#human(plan));
      };
      let shown = basis;
      if (flags['dry-run'] || flags.confirm) {
        const plan = unwrap(await target.plan(scope));
        if (json) this.print(renderJson(plan.document));
        else this.print(this.#human(plan));
        if (plan.document.guard !== null) return this.refused(plan.document.guard);
        if (flags['dry-run'] || !hasChanges(plan.document)) return EXIT.OK;
        if (!(await confirm('Apply these changes?', this.context.streams.stderr))) {
          this.note('nothing was applied');
          return EXIT.FAILED;
        }
        // What is applied is what was shown, or nothing.
        shown = basis ?? plan.document.basis;
      }
      return this.#apply(
        target,
        { scope, basis: shown },
        { ...flags, show: flags.confirm ? () => undefined : show },
      );
    });
  }

  async #apply(
    target: Target,
    { scope, basis }: Pick<Applied, 'scope' | 'basis'>,
    flags: {
      readonly wait: boolean;
      readonly timeout: number;
      readonly output: 'table' | 'json';
      readonly show: (plan: TargetPlan) => void;
    },
  ): Promise<ExitCode> {
    let made: TargetPlan | null = null;
    const accepted = (plan: TargetPlan): void => {
      made = plan;
      flags.show(plan);
    };
    const outcome = unwrap(
      await this.interruptible(flags, (waiting) => target.apply({ ...waiting, scope, basis, accepted })),
    );
    const plan = made as TargetPlan | null;
    if (plan !== null && flags.output === 'json') this.print(renderJson(plan.document));
    const exit = this.ended(outcome);
    if (plan !== null && flags.output === 'table' && exit === EXIT.OK)
      this.print(renderSummary(plan.document, flags.wait));
    return exit;
  }

  async #applied(
    flags: TargetFileFlags & Parameters<TargetCommand['scopeOf']>[0],
    planPath: string | undefined,
  ): Promise<Applied> {
    const scope = this.scopeOf(flags);
    if (planPath === undefined) return { files: flags, scope, basis: null };
    const { file, env, merge, image, only, prune, target } = flags;
    if ([file, env, image, only].some((flag) => flag !== undefined) || merge || !prune) {
      throw usageError(
        'a saved plan says itself what it is about',
        'leave -f, --merge, --env, --image, --only and --prune out, or leave the plan out',
      );
    }
    const { readSavedPlan } = await import('../../declare/saved-plan.ts');
    const { variantsOf } = await import('../../variants/variants.ts');
    const saved = unwrap(readSavedPlan(planPath, target, variantsOf(flags, []).vars));
    const { options } = saved;
    return {
      files: {
        file: saved.files,
        env: saved.env ?? undefined,
        merge: saved.merge,
        var: Object.entries(saved.vars).map(([name, value]) => `${name}=${value}`),
        image: saved.image ?? undefined,
        target,
      },
      scope: {
        ...scope,
        ...{ prune: options.prune, only: options.only },
        // What the plan was shown with may be applied without saying it again.
        allowWipe: scope.allowWipe || options.allowWipe === true,
        forceConflicts: scope.forceConflicts || options.forceConflicts === true,
      },
      basis: saved.basis,
    };
  }

  #human({ document }: TargetPlan): string {
    const width = this.context.streams.stdout.columns ?? 110;
    return renderPlan(document, { color: this.outStyle.enabled, width });
  }
}
