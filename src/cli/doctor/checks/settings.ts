import { dirname, join } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { settingsLines } from '../../views/daemon/settings.ts';
import { count } from '../../views/text/quantities.ts';
import { fail, ok, warn, type Check, type Finding } from '../check.ts';
import type { DoctorFacts } from '../facts.ts';

export const SETTINGS_CHECKS: readonly Check[] = [{ name: 'settings', run: settings }];

/** Names that people give the file, and that nobody reads. */
const OTHER_NAMES = ['config.yml', 'config.json'];

/** What the owner of the home has set: whether it can be read, and whether the daemon follows it. */
function settings({ paths, status, settings: file, host }: DoctorFacts): Finding {
  const trouble = status.ok ? status.value.settings : undefined;
  const [first, ...others] = trouble === undefined ? [] : settingsLines(trouble);
  if (first !== undefined)
    return fail([first, ...others].join('; '), 'stateward config show has it line by line');
  if (file !== null && !file.ok)
    return fail(placed(file.failures), file.failures[0]?.hint ?? `edit ${paths.settings}`);
  if (file !== null) {
    const set = Object.keys(file.values).length;
    return ok(set === 0 ? 'defaults' : `${count(set, 'key')} set in ${paths.settings}`);
  }
  const other = OTHER_NAMES.find((name) => host.stat(join(dirname(paths.settings), name)) !== null);
  if (other === undefined) return ok('defaults');
  const message = `${join(dirname(paths.settings), other)} is not read`;
  return warn(message, `settings are in ${paths.settings}: mv ${other} config.yaml`);
}

function placed([first, ...others]: readonly Failure[]): string {
  const { file = '', line, column } = first?.position ?? {};
  const place = line === undefined ? '' : `${file}:${line}:${column ?? 1}: `;
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${place}${first?.message ?? ''}${more}`;
}
