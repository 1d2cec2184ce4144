import { dirname, join } from 'node:path';
import * as Flags from '@oclif/core/flags';
import { homeLayout } from '../../../home/layout.ts';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { browserOpener, openAddress, tunnelLine } from '../../dash/open-browser.ts';
import { whoAmI } from '../../declare/project-files.ts';
import { unwrap } from '../../session/failures.ts';
import { interruption } from '../../session/interruption.ts';
import { BaseCommand } from '../base/base-command.ts';

/** `dash`: the dashboard in a browser. */
export default class Dash extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Open the dashboard in a browser: apps, logs, plans, rollouts, events.';
  static override description =
    'It is served on 127.0.0.1 until Ctrl-C, by a link that works once. Nothing can be changed there unless you say --write. ' +
    'Where there is no screen, or with --print, the link is only printed; over ssh, so is the command that makes it work on ' +
    'the machine in front of you.';
  static override examples = [
    '<%= config.bin %> dash',
    '<%= config.bin %> dash --write',
    '<%= config.bin %> dash --print --port 9095',
  ];
  static override flags = {
    print: Flags.boolean({ description: 'Print the link, and open nothing.' }),
    write: Flags.boolean({ description: 'Let the dashboard change things too.' }),
    port: Flags.integer({
      description: 'Port on 127.0.0.1; default: a free one.',
      min: 0,
      max: 65_535,
      default: 0,
      helpValue: 'N',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Dash);
    unwrap(await this.connect().ping());
    const { clock, files } = this.context;
    const { serveDash } = await import('../../dash/foreground.ts');
    const served = unwrap(
      await serveDash({
        port: flags.port,
        socketPath: homeLayout(this.home).apiSocket,
        folder: join(dirname(files.daemon), 'web'),
        access: flags.write ? 'write' : 'read',
        user: whoAmI(),
        clock,
        log: (line) => this.note(line),
      }),
    );
    const ended = interruption();
    this.#show(`http://127.0.0.1:${served.port}/#token=${served.token}`, served.port, flags.print);
    this.note('the link works once; Ctrl-C ends the dashboard');
    await ended.happened;
    await served.close();
    return EXIT.OK;
  }

  #show(url: string, port: number, printOnly: boolean): void {
    const { env } = this.context;
    this.print(`${url}\n`);
    const tunnel = tunnelLine(env, port, whoAmI());
    if (tunnel !== null) this.note(`on the machine in front of you: ${tunnel}`);
    const opener = printOnly ? null : browserOpener(env);
    if (opener === null) return;
    openAddress(opener, {
      url,
      file: join(homeLayout(this.home).run, 'dash.html'),
      onFailure: () => this.note(`${opener} is missing: open the link yourself`),
    });
  }
}
