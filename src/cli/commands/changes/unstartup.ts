import { uninstall } from '../../../boot/install.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { BootCommand } from '../base/boot-command.ts';

/** `unstartup`: takes back what `startup` did; what runs goes on. */
export default class Unstartup extends BootCommand {
  static override summary = 'Take back what startup did. What runs goes on running.';

  protected readonly verb = 'unstartup';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Unstartup);
    const { service, plan } = this.target(flags, args[0], this.namedHome);
    const { path } = plan.file;
    if (flags.print) {
      const lines = [...plan.disable, ['rm', path], ...plan.afterwards].map((command) => command.join(' '));
      this.print(`${lines.join('\n')}\n`);
      return EXIT.OK;
    }
    const removed = unwrap(await uninstall(plan, this.runShown));
    this.print(
      removed
        ? `${path} is removed: ${service.name} no longer starts by itself\n`
        : `there is no ${path}: nothing starts ${service.name} by itself\n`,
    );
    return EXIT.OK;
  }
}
