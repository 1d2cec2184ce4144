import * as Args from '@oclif/core/args';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { unwrap } from '../../session/failures.ts';
import { keysNamed } from '../../settings/known-key.ts';
import { shownSettings } from '../../settings/shown-settings.ts';
import { settingsLines } from '../../views/daemon/settings.ts';
import { renderJson } from '../../views/json.ts';
import { renderTable } from '../../views/text/table.ts';
import { escapeControls } from '../../views/text/text.ts';

/** `config show`: the settings of a home that hold, and where each comes from. */
export default class ConfigShow extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Show the settings of the home that hold, and where each comes from.';
  static override description =
    'The values that the daemon goes by; without a daemon, those that it would start with. A key of several (http) shows all ' +
    'below it. Where the file cannot be used, that is said, and what was taken over before is shown.';
  static override examples = [
    '<%= config.bin %> config show',
    '<%= config.bin %> config show http',
    '<%= config.bin %> config show limits.builds -o json',
  ];
  static override args = {
    setting: Args.string({
      description: 'Key (http.listen), or several (http); default: all.',
      ignoreStdin: true,
    }),
  };
  static override flags = { output: outputFlag(['table', 'json', 'yaml']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ConfigShow);
    const [word] = args;
    const keys = word === undefined ? undefined : keysNamed(word);
    const info = unwrap(await this.connectQuietly().settings());
    const items = shownSettings(info, keys);
    const { file, takenAt, trouble } = info;
    const shown = {
      ...{ apiVersion: 'v1', kind: 'SettingList', file, takenAt },
      items: items.map(({ text: _, ...item }) => item),
      ...(trouble !== undefined && { trouble }),
    } as const;
    if (flags.output === 'json') this.print(renderJson(shown));
    else if (flags.output === 'yaml') {
      const { renderYaml } = await import('../../views/yaml.ts');
      this.print(await renderYaml(shown));
    } else this.print(this.#table(items, file));
    for (const line of trouble === undefined ? [] : settingsLines(trouble)) this.note(`! ${line}`);
    return EXIT.OK;
  }

  #table(items: ReturnType<typeof shownSettings>, file: string): string {
    const { dim } = this.outStyle;
    return renderTable(
      ['KEY', 'VALUE', 'FROM'],
      items.map(({ key, text, from, line }) => [
        { text: key },
        { text: escapeControls(text, false) },
        from === 'default'
          ? { text: 'default', paint: dim }
          : { text: line === undefined ? file : `${file}:${line}` },
      ]),
    );
  }
}
