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
    'Where the daemon listens (http.listen), the link leads there. Else it is served on 127.0.0.1 until Ctrl-C. Either way ' +
    'the link works once, and nothing can be changed there unless you say --write. ' +
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
      description:
        'Serve it by this command, at this port on 127.0.0.1 (0: a free one), whatever the daemon does.',
      min: 0,
      max: 65_535,
      helpValue: 'N',
    }),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Dash);
    const access = flags.write ? 'write' : 'read';
    unwrap(await this.connect().ping());
    // Who names a port means one of this command.
    if (flags.port === undefined && (await this.#atDaemon(access, flags.print))) return EXIT.OK;
    const { clock, files } = this.context;
    const { serveDash } = await import('../../dash/foreground.ts');
    const served = unwrap(
      await serveDash({
        port: flags.port ?? 0,
        paths: homeLayout(this.home),
        folder: join(dirname(files.daemon), 'web'),
        access,
        user: whoAmI(),
        clock,
        log: (line) => this.note(line),
      }),
    );
    const ended = interruption();
    this.#show(`http://127.0.0.1:${served.port}/#token=${served.token}`, flags.print);
    this.note('the link works once; Ctrl-C ends the dashboard');
    await ended.happened;
    await served.close();
    return EXIT.OK;
  }

  /** Whether the daemon itself listens; then its link is shown. */
  async #atDaemon(access: 'read' | 'write', printOnly: boolean): Promise<boolean> {
    const answer = await this.connect().logIn({ access, by: whoAmI() });
    // One that is older has no listener.
    if (!answer.ok && answer.error.code === 'NOT_FOUND') return false;
    const { url, expiresAt, problem } = unwrap(answer);
    if (problem !== null) {
      const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
      this.note(`the daemon does not listen as it should: ${problem.message}${hint}`);
    }
    if (url === null) return false;
    this.#show(url, printOnly);
    this.note(`the link works once, until ${expiresAt ?? ''}; the daemon listens there, and goes on`);
    return true;
  }

  #show(url: string, printOnly: boolean): void {
    const { env } = this.context;
    this.print(`${url}\n`);
    const { hostname, port } = new URL(url);
    const isHere = ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
    const tunnel = isHere ? tunnelLine(env, Number(port), whoAmI(), hostname) : null;
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
