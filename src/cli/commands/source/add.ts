import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { renderDeclaredSources } from '../../items/declared-items.ts';
import { sourceFromFlags } from '../../sources/from-flags.ts';
import { sourceNamed } from '../../sources/named.ts';
import { renderJson } from '../../views/json.ts';

/** `source add`: declares one source without a file. */
export default class SourceAdd extends BaseCommand {
  static override summary = 'Declare one source without a file.';
  static override description = 'One that is there already is not changed: source apply -f FILE does that.';
  static override examples = [
    '<%= config.bin %> source add local --follow ./ecosystem.yaml',
    '<%= config.bin %> source add shop --git https://git.example.org/shop.git --branch main --path deploy/ecosystem.yaml',
  ];
  static override args = {
    source: Args.string({ description: 'Name of the source.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    git: Flags.string({ description: 'Repository to follow.', helpValue: 'URL' }),
    branch: Flags.string({
      description: 'Its branch. Default: main.',
      helpValue: 'NAME',
      exclusive: ['follow'],
    }),
    path: Flags.string({
      description: 'Ecosystem file or folder in the repository. Default: its top.',
      helpValue: 'PATH',
      exclusive: ['follow'],
    }),
    follow: Flags.string({
      description: 'Ecosystem file that is applied when it changes.',
      helpValue: 'FILE',
    }),
    env: Flags.string({ description: 'Merge env_NAME over env.', helpValue: 'NAME' }),
    sync: Flags.option({
      options: ['auto', 'manual', 'observe'] as const,
      description: 'When what is new is applied. Default: auto.',
      helpValue: 'auto|manual|observe',
    })(),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(SourceAdd);
    const name = sourceNamed(args, 'add');
    const spec = await sourceFromFlags(name, flags, this.context);
    const api = this.connectOrStart();
    const known = unwrap(await api.sources()).items.find((source) => source.name === name);
    if (known !== undefined) {
      throw usageError(
        `there is a source ${name} already (${known.origin})`,
        `declare it in a file and use stateward source apply -f FILE, or stateward source remove ${name} first`,
      );
    }
    const command = `source add ${name}`;
    const done = unwrap(await api.declareSources({ sources: [spec], prune: false, by: whoAmI(), command }));
    this.print(flags.output === 'json' ? renderJson(done) : renderDeclaredSources(done.changes));
    return EXIT.OK;
  }
}
