import * as Flags from '@oclif/core/flags';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';

/** `save`: for scripts and fingers that know PM2. */
export default class Save extends BaseCommand {
  static override hidden = true;
  static override summary = 'Not needed: what was applied is kept from the moment that it was accepted.';
  static override aliases = ['dump'];
  static override strict = false;
  // Scripts of PM2 say it. There is nothing to force either.
  static override flags = { force: Flags.boolean({ hidden: true }) };

  async run(): Promise<ExitCode> {
    await this.parseLine(Save);
    this.print(
      'nothing to save: what was applied is on disk already, and comes back with the daemon (stateward startup has the host start it)\n',
    );
    return EXIT.OK;
  }
}
