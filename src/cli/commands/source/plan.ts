import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { sourceNamed } from '../../sources/named.ts';
import { fetchFlag, versionLines } from '../../sources/planned-version.ts';
import { renderJson } from '../../views/json.ts';
import { hasChanges } from '../../views/plan/changes.ts';
import { renderPlan } from '../../views/plan/plan-human.ts';
import { renderYaml } from '../../views/yaml.ts';

/** `source plan`: what applying the newest version would do. Touches nothing. */
export default class SourcePlan extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'Show what applying the newest version of a source would change, touching nothing.';
  static override description =
    'The newest version is looked for first. When that cannot be done, the newest that was seen is planned, and it is said so.';
  static override examples = ['<%= config.bin %> source plan shop'];
  static override args = {
    source: Args.string({ description: 'Name of the source.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    commit: Flags.string({
      description: 'This commit instead of the newest.',
      helpValue: 'HASH',
    }),
    fetch: fetchFlag,
    'detailed-exitcode': Flags.boolean({
      description: 'Exit 2 when there are changes, 0 when there are none.',
    }),
    output: outputFlag(['table', 'json', 'yaml']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SourcePlan);
    const plan = unwrap(
      await this.connect().planSource({
        name: sourceNamed(args, 'plan'),
        version: flags.commit ?? null,
        fetch: flags.fetch,
      }),
    );
    for (const line of versionLines(plan.version)) this.note(line);
    if (flags.output === 'json') this.print(renderJson(plan));
    else if (flags.output === 'yaml') this.print(await renderYaml(plan));
    else {
      const { columns } = this.context.streams.stdout;
      this.print(renderPlan(plan, { color: this.outStyle.enabled, width: columns ?? 110 }));
    }
    if (plan.guard !== null) return this.refused(plan.guard);
    return flags['detailed-exitcode'] && hasChanges(plan) ? EXIT.CHANGES : EXIT.OK;
  }
}
