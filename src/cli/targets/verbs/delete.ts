import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { outputFlag } from '../../commands/base/output-format.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { TargetCommand, targetFileFlags } from '../target-command.ts';

/** `delete --target`: removes apps with all that stateward has made for them. */
export default class TargetDelete extends TargetCommand {
  static override summary = 'Remove apps from the cluster, with all that stateward has made for them.';
  static override examples = [
    '<%= config.bin %> delete legacy --target kubernetes',
    '<%= config.bin %> delete all --target kubernetes',
  ];
  static override strict = false;
  static override args = {
    app: Args.string({ description: 'Names of apps, or all.', required: true, ignoreStdin: true }),
  };
  static override flags = {
    ...targetFileFlags,
    'allow-wipe': Flags.boolean({ description: 'Allow to delete apps with protect: true.' }),
    output: outputFlag(['table', 'json']),
  };

  protected override readonly images = 'unneeded';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TargetDelete);
    if (args.length === 0)
      throw usageError('name an app, or all', 'stateward get --target kubernetes lists them');
    return this.withTarget(flags, 'not', async (target, documents) => {
      const apps = this.appNames(args, documents);
      const outcome = unwrap(
        await this.interruptible({ wait: false, timeout: 0 }, (waiting) =>
          target.delete(apps, { ...waiting, allowWipe: flags['allow-wipe'] }),
        ),
      );
      const exit = this.ended(outcome);
      if (flags.output === 'json')
        this.print(renderJson({ apiVersion: 'v1', kind: 'DeletedList', items: outcome.done }));
      else for (const { app, what } of outcome.done) this.print(`${app}  ${what}\n`);
      if (exit === EXIT.OK && outcome.done.length === 0) this.note('no apps');
      return exit;
    });
  }
}
