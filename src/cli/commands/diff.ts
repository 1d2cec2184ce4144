import { EXIT } from '../../lib/exit-codes.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { BaseCommand } from '../base-command.ts';
import { unwrap } from '../failures.ts';
import { diffProjects } from '../diffing.ts';
import { fileFlags, scopeFlags } from '../flags.ts';
import { outputFlag } from '../output-format.ts';
import { ecosystemFiles, readDeclared } from '../project-files.ts';
import { paintDiff } from '../views/diff.ts';
import { renderJson } from '../views/json.ts';

/** `diff`: unified diff of the live declaration against the file, app by app. Exit 0 same, 1 differs, 2 and up error. */
export default class Diff extends BaseCommand {
  static override summary = 'Show a unified diff of what is live against what is declared.';
  static override examples = ['<%= config.bin %> diff -f ecosystem.yaml'];
  /** 1 says that something differs. */
  static readonly failedExit = EXIT.CHANGES;
  static override flags = { ...fileFlags, ...scopeFlags, output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Diff);
    const files = ecosystemFiles(flags.file, this.context.cwd);
    const declared = await readDeclared(files, flags.env, this.context);
    this.printWarnings(declared.warnings);
    const api = this.connectOrOffline();
    const { items } = unwrap(await api.apps({ selectors: [], spec: 'full' }));
    const diffs = await diffProjects(declared.projects, items, {
      prune: flags.prune,
      only: flags.only ?? null,
    });
    if (flags.output === 'json') this.print(renderJson({ apiVersion: 'v1', kind: 'DiffList', items: diffs }));
    else this.print(diffs.map(({ diff }) => paintDiff(diff, this.outStyle)).join(''));
    return diffs.length === 0 ? EXIT.OK : EXIT.FAILED;
  }
}
