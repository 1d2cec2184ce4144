import * as Args from '@oclif/core/args';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { SETTING_FIELDS } from '../../../home/settings/generated/setting-fields.ts';
import { SETTING_KEYS, settingText } from '../../../home/settings/setting-changes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { keysNamed } from '../../settings/known-key.ts';
import { shownSettings, type ShownSetting } from '../../settings/shown-settings.ts';
import { renderJson } from '../../views/json.ts';
import { escapeControls } from '../../views/text/text.ts';

/** `config explain`: what a setting of the home is. */
export default class ConfigExplain extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'Explain settings of the home: what each is, its type, default, bounds and present value.';
  static override examples = [
    '<%= config.bin %> config explain http.listen',
    '<%= config.bin %> config explain intervals',
  ];
  static override args = {
    setting: Args.string({
      description: 'Key (http.listen), or several (http); default: all.',
      ignoreStdin: true,
    }),
  };
  static override flags = { output: outputFlag(['table', 'json']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(ConfigExplain);
    const keys = args[0] === undefined ? SETTING_KEYS : keysNamed(args[0]);
    const info = await this.connectQuietly().settings();
    // What a key is can be said whatever holds.
    const now = new Map(info.ok ? shownSettings(info.value, keys).map((shown) => [shown.key, shown]) : []);
    const items = keys.map((key) => explained(key, now.get(key)));
    this.print(
      flags.output === 'json'
        ? renderJson({ apiVersion: 'v1', kind: 'SettingExplanationList', items })
        : items.map(explanationText).join('\n'),
    );
    return EXIT.OK;
  }
}

interface Explained {
  readonly key: string;
  readonly type: string;
  readonly description: string;
  /** For people. */
  readonly default: string;
  readonly least?: string;
  readonly most?: string;
  readonly example: string;
  /** When a change of it counts. */
  readonly takenOver: string;
  /** null: nobody knows. */
  readonly now: string | null;
}

function explained(key: string, now: ShownSetting | undefined): Explained {
  const field = SETTING_FIELDS[key];
  const { least, most } = field ?? {};
  return {
    key,
    type: field?.type ?? '',
    description: field?.description ?? '',
    default: settingText(field?.default, key),
    ...(least !== undefined && most !== undefined && { least, most }),
    example: settingText(field?.examples[0], key),
    takenOver: key.startsWith('mcp.')
      ? 'with the next change that a client of stateward mcp asks for'
      : 'live, within a second or two; no app is touched',
    now: now?.text ?? null,
  };
}

function explanationText(item: Explained): string {
  const { key, type, description, least, most, example, takenOver, now } = item;
  const bounds = least === undefined ? '' : `, ${least} to ${most ?? ''}`;
  const lines = [
    `${key} (${type}${bounds})`,
    `  ${description}`,
    `  default:    ${item.default}`,
    `  taken over: ${takenOver}`,
    ...(now === null ? [] : [`  now:        ${escapeControls(now, false)}`]),
    `  example:    stateward config set ${key} ${example.replaceAll(', ', ',')}`,
  ];
  return `${lines.join('\n')}\n`;
}
