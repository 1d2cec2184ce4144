import { install } from '../../../boot/install.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { unwrap } from '../../session/failures.ts';
import { BootCommand } from '../base/boot-command.ts';

/** `startup`: has the init system start the daemon, and the daemon what was applied. */
export default class Startup extends BootCommand {
  static override summary = 'Have the host start the daemon, and with it what was applied, when it starts.';
  static override examples = [
    '<%= config.bin %> startup',
    'sudo <%= config.bin %> startup --user deploy',
    '<%= config.bin %> startup --print',
  ];

  protected readonly verb = 'startup';

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Startup);
    const { service, plan } = this.target(flags, args[0], this.namedHome);
    const { path, text } = plan.file;
    if (flags.print) {
      this.note(`${path} would be:`);
      this.print(text);
      this.note(['then:', ...plan.enable.map((command) => `  ${command.join(' ')}`)].join('\n'));
      return EXIT.OK;
    }
    const placed = unwrap(await install(plan, this.runShown));
    this.print(`${path} is ${placed === 'unchanged' ? 'as it should be' : placed}\n`);
    this.print(
      `${service.name} starts with the ${service.scope === 'host' ? 'host' : `session of ${service.user}`}, `,
    );
    this.print(`and with it every app that was applied in ${service.home}\n`);
    for (const hint of plan.hints) this.note(hint);
    const caller = this.context.env['SUDO_USER'] ?? '';
    if (caller !== '' && service.user === 'root' && !flags.system) {
      this.note(`this is about root's apps; for those of ${caller}: sudo stateward startup --user ${caller}`);
    }
    return EXIT.OK;
  }
}
