import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { waitFlags } from '../../commands/base/flags.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { TargetCommand, targetFileFlags } from '../target-command.ts';

/** `rollback --target`: what an app ran before, from the versions that the cluster keeps. */
export default class TargetRollback extends TargetCommand {
  static override summary = 'Go back to what an app of the cluster ran before.';
  static override description =
    'Without --to it takes the newest kept version that is not as the present one. The ecosystem file stays as it is: the ' +
    'next apply of it goes forward again.';
  static override examples = [
    '<%= config.bin %> rollback api --target kubernetes',
    '<%= config.bin %> rollback api --target kubernetes --to 4',
  ];
  static override args = { app: Args.string({ description: 'Name of the app.', ignoreStdin: true }) };
  static override flags = {
    ...targetFileFlags,
    to: Flags.integer({
      description: 'The revision to go back to, as rollout status shows it.',
      helpValue: 'N',
      min: 1,
    }),
    wait: waitFlags.wait,
    timeout: waitFlags.timeout,
  };

  protected override readonly images = 'unneeded';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(TargetRollback);
    const [given] = args;
    if (given === undefined)
      throw usageError(
        'name an app: a cluster keeps versions of apps, not of projects',
        'stateward rollback api --target kubernetes',
      );
    return this.withTarget(flags, 'not', async (target, documents) => {
      const [app = given] = this.appNames([given], documents);
      const outcome = unwrap(
        await this.interruptible(flags, (waiting) => target.rollback(app, flags.to ?? null, waiting)),
      );
      const exit = this.ended(outcome);
      for (const { app: key, what } of outcome.done) this.print(`${key}  ${what}\n`);
      if (exit === EXIT.OK) this.note('the file is left as it is: the next apply of it goes forward again');
      return exit;
    });
  }
}
