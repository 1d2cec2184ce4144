import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { examine } from '../../session/doctor.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderChecks } from '../../views/daemon/checks.ts';
import { renderJson } from '../../views/json.ts';

/** `doctor`: whether this host has what the daemon needs. Exit 1 when something fails; warnings are fine. */
export default class Doctor extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Check whether this host has what the daemon needs.';
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Doctor);
    const status = await this.connect().status();
    const { env, version } = this.context;
    const checks = examine({ home: this.home, env, version, status });
    this.print(
      flags.output === 'json'
        ? renderJson({ apiVersion: 'v1', kind: 'CheckList', items: checks })
        : renderChecks(checks, this.outStyle),
    );
    return checks.some(({ level }) => level === 'fail') ? EXIT.FAILED : EXIT.OK;
  }
}
