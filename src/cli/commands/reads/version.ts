import { BUILD } from '../../../lib/programs/build.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderJson } from '../../views/json.ts';
import { renderVersions, versionsOf } from '../../views/daemon/versions.ts';

/** `version`: of this command, and of the daemon and the runner where they run. */
export default class Version extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print the versions of the command line, the daemon and Node.';
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Version);
    const status = await this.connect().status();
    // A daemon that is too new does run.
    if (!status.ok && status.error.code === 'DAEMON_NEWER') throw new FailureError(status.error);
    const own = { version: this.context.version, build: BUILD };
    const versions = versionsOf(own, process.version, status.ok ? status.value : null);
    this.print(flags.output === 'json' ? renderJson(versions) : renderVersions(versions));
    return EXIT.OK;
  }
}
