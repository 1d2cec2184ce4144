import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { outputFlag } from '../../commands/base/output-format.ts';
import { hasChanges } from '../../views/plan/changes.ts';
import { renderJson } from '../../views/json.ts';
import { printedPlan } from '../../views/plan/printed-plan.ts';
import { TargetCommand, targetFileFlags, targetScopeFlags } from '../target-command.ts';

/** `plan --target`: what `apply` would do there. The server tries it, and keeps nothing. */
export default class TargetPlanCommand extends TargetCommand {
  static override changesNothing = true;
  static override summary =
    'Show what apply would change in the cluster and what it costs, touching nothing.';
  static override examples = [
    '<%= config.bin %> plan --target kubernetes',
    '<%= config.bin %> plan --target kubernetes -o json > plan.json && <%= config.bin %> apply --target kubernetes plan.json',
  ];
  static override flags = {
    ...targetFileFlags,
    ...targetScopeFlags,
    'detailed-exitcode': Flags.boolean({
      description: 'Exit 2 when there are changes, 0 when there are none.',
    }),
    output: outputFlag(['table', 'json', 'yaml', 'markdown']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(TargetPlanCommand);
    return this.withTarget(flags, 'in full', async (target) => {
      const { document } = unwrap(await target.plan(this.scopeOf(flags)));
      this.print(
        flags.output === 'json'
          ? renderJson(document)
          : await printedPlan(document, flags.output, {
              color: this.outStyle.enabled,
              columns: this.context.streams.stdout.columns,
            }),
      );
      if (document.guard !== null) return this.refused(document.guard);
      return flags['detailed-exitcode'] && hasChanges(document) ? EXIT.CHANGES : EXIT.OK;
    });
  }
}
