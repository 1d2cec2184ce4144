import * as Args from '@oclif/core/args';
import { EXIT, type ExitCode } from '../../../lib/exit-codes.ts';
import { BaseCommand } from '../base/base-command.ts';
import { usageError } from '../../session/failures.ts';
import type { SettingEdit } from '../../settings/edited-text.ts';
import { knownKey } from '../../settings/known-key.ts';
import { typedValue } from '../../settings/typed-value.ts';

/** `config set`: other settings of the home. */
export default class ConfigSet extends BaseCommand {
  static override summary =
    'Set a setting of the home, in its config.yaml, and have the daemon take it over.';
  static override description =
    'The file is checked with the value before it is written; its comments and its order stay. Several pairs are set together, ' +
    'which those need that belong together. The command ends when the daemon has taken them over, or says why it cannot. ' +
    'Lists are written with commas.';
  static override examples = [
    '<%= config.bin %> config set limits.builds 2',
    '<%= config.bin %> config set http.tls.cert ./cert.pem http.tls.key ./key.pem',
    '<%= config.bin %> config set mcp.protect shop/db,billing/',
  ];
  static override strict = false;
  static override args = {
    setting: Args.string({ description: 'Key: limits.builds.', ignoreStdin: true }),
    value: Args.string({ description: 'Its value; further pairs may follow.', ignoreStdin: true }),
  };

  async run(): Promise<ExitCode> {
    const { args } = await this.parseLine(ConfigSet);
    const edits = pairs(args);
    const { reportChange } = await import('../../settings/report-change.ts');
    this.print(await reportChange(this.home, edits, this.connect()));
    return EXIT.OK;
  }
}

function pairs(words: readonly string[]): readonly SettingEdit[] {
  const usage = 'stateward config set limits.builds 2';
  if (words.length === 0) throw usageError('which setting, and to what?', usage);
  const edits: SettingEdit[] = [];
  for (let at = 0; at < words.length; at += 2) {
    const [word = '', given] = words.slice(at, at + 2);
    // As `docker` and `git -c` have it.
    const joined = given === undefined && words.length === 1 ? /^([^=]+)=(.*)$/s.exec(word) : null;
    const key = knownKey(joined?.[1] ?? word);
    const value = joined?.[2] ?? given;
    if (value === undefined) {
      throw usageError(`${key}: no value is given`, `stateward config unset ${key} sets its default again`);
    }
    if (edits.some((edit) => edit.key === key)) throw usageError(`${key} is given twice`, usage);
    edits.push({ key, value: typedValue(key, value) });
  }
  return edits;
}
