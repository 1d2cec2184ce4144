import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import type { TargetSides } from '../../../targets/model/target.ts';
import { outputFlag } from '../../commands/base/output-format.ts';
import type { AppDiff } from '../../revisions/diffing.ts';
import { patchOf } from '../../revisions/patch.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { paintDiff } from '../../views/plan/diff.ts';
import { renderYaml } from '../../views/yaml.ts';
import { TargetCommand, targetFileFlags, targetScopeFlags } from '../target-command.ts';

/** `diff --target`: unified diff of the objects that are there against what they would be. Exit 0 same, 1 differs, 2 and up error. */
export default class TargetDiff extends TargetCommand {
  static override changesNothing = true;
  static override summary =
    'Show a unified diff of the objects of the cluster against what apply would make of them.';
  static override description = 'Exit code 0: the same, 1: something differs, 2 and up: an error.';
  static override examples = ['<%= config.bin %> diff --target kubernetes'];
  /** 1 says that something differs. */
  static readonly failedExit = EXIT.CHANGES;
  static override flags = {
    ...targetFileFlags,
    ...targetScopeFlags,
    output: outputFlag(['table', 'json', 'markdown']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(TargetDiff);
    return this.withTarget(flags, 'in full', async (target) => {
      const { sides } = unwrap(await target.plan(this.scopeOf(flags)));
      const diffs = await Promise.all(sides.map(diffOf));
      if (flags.output === 'json')
        this.print(renderJson({ apiVersion: 'v1', kind: 'DiffList', items: diffs }));
      else if (flags.output === 'table')
        this.print(diffs.map(({ diff }) => paintDiff(diff, this.outStyle)).join(''));
      else {
        const { renderDiffMarkdown } = await import('../../views/plan/diff-markdown.ts');
        this.print(renderDiffMarkdown(diffs, []));
      }
      return diffs.length === 0 ? EXIT.OK : EXIT.FAILED;
    });
  }
}

async function diffOf({ app, live, declared }: TargetSides): Promise<AppDiff> {
  const diff = await patchOf(
    [live === null ? '/dev/null' : `live/${app}`, declared === null ? '/dev/null' : `declared/${app}`],
    [await documentsOf(live), await documentsOf(declared)],
  );
  return { app, kind: live === null ? 'added' : declared === null ? 'removed' : 'changed', diff };
}

async function documentsOf(objects: readonly unknown[] | null): Promise<string> {
  const texts = await Promise.all((objects ?? []).map(async (object) => `---\n${await renderYaml(object)}`));
  return texts.join('');
}
