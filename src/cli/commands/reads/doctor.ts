import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { resolveService } from '../../../boot/resolve-service.ts';
import type { BootService } from '../../../boot/service.ts';
import { examine } from '../../doctor/doctor.ts';
import { gatherFacts } from '../../doctor/facts.ts';
import { bootHost } from '../../session/boot-host.ts';
import { outputFlag } from '../base/output-format.ts';
import { renderChecks } from '../../views/daemon/checks.ts';
import { renderJson } from '../../views/json.ts';

/** `doctor`: what is wrong on this host, and what to do about it. Exit 1 when something is; warnings are fine. */
export default class Doctor extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'Check this host and the daemon, and say what to do (exit 1 when something is wrong).';
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Doctor);
    const { home, context } = this;
    const checks = examine(await gatherFacts({ home, context }, this.#service()));
    this.print(
      flags.output === 'json'
        ? renderJson({ apiVersion: 'v1', kind: 'CheckList', items: checks })
        : renderChecks(checks, this.outStyle),
    );
    return checks.some(({ level }) => level === 'fail') ? EXIT.FAILED : EXIT.OK;
  }

  /** What `startup` would have the host start for this home. */
  #service(): BootService | null {
    const request = { verb: 'startup', system: false, home: this.home } as const;
    const service = resolveService(request, bootHost(this.context));
    return service.ok ? service.value : null;
  }
}
