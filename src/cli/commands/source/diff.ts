import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { diffProjects } from '../../revisions/diffing.ts';
import { unwrap } from '../../session/failures.ts';
import { sourceNamed } from '../../sources/named.ts';
import { fetchFlag, versionLines } from '../../sources/planned-version.ts';
import { renderJson } from '../../views/json.ts';
import { paintDiff } from '../../views/plan/diff.ts';

/** `source diff`: what is live against what a version of a source declares. Exit 0 same, 1 differs, 2 and up error. */
export default class SourceDiff extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'Show a unified diff of what is live against what the newest version of a source declares.';
  static override description =
    'Apps that the version does not change stay where they are, and are not shown. Exit code 0: the same, 1: something ' +
    'differs, 2 and up: an error.';
  static override examples = ['<%= config.bin %> source diff shop'];
  /** 1 says that something differs. */
  static readonly failedExit = EXIT.CHANGES;
  static override args = {
    source: Args.string({ description: 'Name of the source.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    commit: Flags.string({ description: 'This commit instead of the newest.', helpValue: 'HASH' }),
    fetch: fetchFlag,
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SourceDiff);
    const api = this.connect();
    const request = { name: sourceNamed(args, 'diff'), version: flags.commit ?? null, fetch: flags.fetch };
    const { projects, prune, version } = unwrap(await api.declaredBySource(request));
    for (const line of versionLines(version)) this.note(line);
    const { items } = unwrap(await api.apps({ selectors: [], spec: 'full' }));
    const diffs = await diffProjects(projects, items, { prune, only: null, changes: [] });
    if (flags.output === 'json') this.print(renderJson({ apiVersion: 'v1', kind: 'DiffList', items: diffs }));
    else this.print(diffs.map(({ diff }) => paintDiff(diff, this.outStyle)).join(''));
    return diffs.length === 0 ? EXIT.OK : EXIT.FAILED;
  }
}
