import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { rememberDeclared } from '../../fast/unchanged/remember.ts';
import { hostChecksOf } from '../../fast/unchanged/host-checks.ts';
import { BaseCommand } from '../base/base-command.ts';
import { fileFlags } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { readFlagged } from '../../variants/read-flagged.ts';
import { count } from '../../views/text/quantities.ts';
import { renderJson } from '../../views/json.ts';

/** `validate`: checks ecosystem files and nothing else; needs no daemon. */
export default class Validate extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Check ecosystem files, reporting every error with its place.';
  static override description =
    'Also checks that this host has what the apps need: scripts, folders, interpreters, env files, users and groups. ' +
    'Where CI is set, what it lacks is a warning: another host builds, or runs it. In a job of GitHub Actions, errors and ' +
    'warnings are annotations of their lines as well.';
  static override examples = [
    '<%= config.bin %> validate -f ecosystem.yaml',
    '<%= config.bin %> validate -f ecosystem.config.js --no-host-checks',
  ];
  static override flags = {
    ...fileFlags,
    'no-host-checks': Flags.boolean({
      description: 'Look at the file alone: no script, folder, interpreter, env file or user has to be here.',
    }),
    output: outputFlag(['table', 'json', 'github']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(Validate);
    const declared = await readFlagged(flags.file, flags, this.context, {
      hostChecks: hostChecksOf(flags['no-host-checks'], this.context.env['CI']),
    });
    rememberDeclared(declared, null, { home: this.home, env: this.context.env });
    const { projects, warnings } = declared;
    if (flags.output === 'github') {
      const { annotationFolders } = await import('../../ci/github.ts');
      const { failureAnnotations, renderAnnotations } = await import('../../ci/annotations.ts');
      const found = failureAnnotations(warnings, 'warning');
      this.print(renderAnnotations(found, annotationFolders(this.context)));
      return EXIT.OK;
    }
    const { annotate } = await import('../../ci/annotate.ts');
    annotate(warnings, 'warning', this.context);
    if (flags.output === 'json') {
      const apps = projects.map(({ project, apps }) => ({ project, apps: apps.map(({ name }) => name) }));
      this.print(renderJson({ valid: true, projects: apps, warnings }));
      return EXIT.OK;
    }
    if (warnings.length > 0) {
      this.printWarnings(warnings);
      const { wereShown } = await import('../../said-once/shown-warnings.ts');
      wereShown({ projects, warnings }, { home: this.home, env: this.context.env });
    }
    for (const { project, apps } of projects) this.print(`${project}: ${count(apps.length, 'app')}, valid\n`);
    return EXIT.OK;
  }
}
