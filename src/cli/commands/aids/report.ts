import { arch, release, totalmem, type } from 'node:os';
import { homeLayout } from '../../../home/layout.ts';
import { BUILD } from '../../../lib/programs/build.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { BaseCommand } from '../base/base-command.ts';
import { examine } from '../../doctor/doctor.ts';
import { gatherFacts } from '../../doctor/facts.ts';
import { lastLines } from '../../doctor/last-lines.ts';
import { renderChecks } from '../../views/daemon/checks.ts';
import { formatMemory } from '../../views/text/quantities.ts';
import { createStyle } from '../../views/text/terminal.ts';

const LOG_LINES = 60;

/** `report`: what somebody who is to find a fault has to know, in one text without secrets. */
export default class Report extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'Print what a bug report needs: versions, checks, apps, the end of the log; no secrets.';
  static override description =
    'Markdown on standard output. Values that are secrets are shown as <redacted>; read it before you give it away all the same: names, paths and host names are in it.';
  static override examples = ['<%= config.bin %> report > report.md'];

  async run(): Promise<ExitCode> {
    await this.parseLine(Report);
    const { home, context } = this;
    const api = this.connect();
    const checks = examine(await gatherFacts({ home, context }, null));
    const status = await api.status();
    const apps = await api.apps({ selectors: [], spec: 'redacted' });
    const events = await api.events({ selectors: [], limit: LOG_LINES });
    const { redactLine } = await import('../../../spec/secrets/redact.ts');
    const log = lastLines(homeLayout(home).daemonLog, LOG_LINES).map((line) => redactLine(line));
    this.print(
      [
        '# stateward report',
        '',
        ...block('Versions', 'text', this.#versions()),
        ...block('Checks', 'text', renderChecks(checks, createStyle(false))),
        ...block('Daemon', 'json', jsonOf(status)),
        ...block('Apps', 'json', jsonOf(apps)),
        ...block('Events', 'json', jsonOf(events)),
        ...block('End of daemon.log', 'text', log.join('\n')),
      ].join('\n'),
    );
    return EXIT.OK;
  }

  #versions(): string {
    return [
      `stateward ${this.context.version} (build ${BUILD})`,
      `node ${process.version}, ${process.execPath}`,
      `${type()} ${release()} ${arch()}, ${formatMemory(totalmem())}, uid ${process.getuid?.() ?? 'unknown'}`,
      `home ${this.home}`,
    ].join('\n');
  }
}

function jsonOf(result: Result<unknown, Failure>): string {
  return JSON.stringify(result.ok ? result.value : { error: result.error }, null, 2);
}

/** A titled block of code; the fence is longer than any in the text. */
function block(title: string, language: string, text: string): readonly string[] {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  return [`## ${title}`, '', fence + language, text.trimEnd() === '' ? '(empty)' : text.trimEnd(), fence, ''];
}
