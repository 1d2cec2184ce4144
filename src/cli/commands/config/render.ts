import * as Flags from '@oclif/core/flags';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { fileFlags } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { readDocumentsDeclared } from '../../declare/project-files.ts';
import { variantsOf } from '../../variants/variants.ts';
import { renderJson } from '../../views/json.ts';

/** `config render`: the resolved file, with the origin of each value. Needs no daemon. */
export default class ConfigRender extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print what ecosystem files come to, with the file and line of each value.';
  static override description =
    'Defaults, extends, vars, environments and merged files are resolved: the output is one file that means the same, and ' +
    'applying it changes nothing. Secrets are redacted unless --show-secrets says so.';
  static override examples = [
    '<%= config.bin %> config render -f ecosystem.yaml -f production.yaml --merge',
    '<%= config.bin %> config render --env production -o json',
  ];
  static override flags = {
    ...fileFlags,
    'show-secrets': Flags.boolean({ description: 'Print secrets too.' }),
    output: outputFlag(['yaml', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags } = await this.parseLine(ConfigRender);
    const variants = variantsOf(flags, flags.file);
    const files = await readDocumentsDeclared(flags.file, flags.env, this.context, variants);
    const { resolvedProjects, resolvedText } = await import('../../variants/resolved.ts');
    const projects = resolvedProjects(files, {
      env: flags.env ?? null,
      cwd: this.context.cwd,
      home: this.context.env['HOME'] ?? null,
      showSecrets: flags['show-secrets'],
    });
    this.print(
      flags.output === 'json'
        ? renderJson({ apiVersion: 'v1', kind: 'ResolvedConfigList', items: projects })
        : await resolvedText(projects),
    );
    return EXIT.OK;
  }
}
