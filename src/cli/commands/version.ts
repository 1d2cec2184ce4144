import { EXIT } from '../../lib/exit-codes.ts';
import type { ExitCode } from '../../lib/exit-codes.ts';
import { BaseCommand } from '../base-command.ts';
import { openApi } from '../connect.ts';
import { outputFlag } from '../output-format.ts';
import { renderJson } from '../views/json.ts';

/** `version`: of this command, and of the daemon and the runner where they run. */
export default class Version extends BaseCommand {
  static override summary = 'Print the versions of the command line, the daemon and Node.';
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Version);
    const status = await (await openApi(this.home)).status();
    const versions = {
      cli: this.context.version,
      daemon: status.ok ? (status.value.controller?.version ?? null) : null,
      runner: status.ok ? (status.value.runner?.version ?? null) : null,
      node: process.version,
    };
    if (flags.output === 'json') this.print(renderJson(versions));
    else {
      this.print(`stateward ${versions.cli}\n`);
      this.print(`daemon    ${versions.daemon ?? 'not running'}\n`);
      if (versions.runner !== null) this.print(`runner    ${versions.runner}\n`);
      this.print(`node      ${versions.node}\n`);
    }
    return EXIT.OK;
  }
}
