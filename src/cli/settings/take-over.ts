import { START_DAEMON } from '../../api/contract/no-daemon.ts';
import type { SettingsInfo } from '../../api/contract/wire/settings/settings.ts';
import type { Failure } from '../../lib/failure.ts';
import { FailureError } from '../../lib/failure.ts';
import type { Api } from '../session/api.ts';

/** What has become of changed keys at the daemon, in one line for people; throws what it cannot follow. */
export async function takenOver(api: Pick<Api, 'takeSettings'>, keys: readonly string[]): Promise<string> {
  const answer = await api.takeSettings({});
  if (answer.ok) {
    const [first, ...rest] = troubleOf(answer.value, keys);
    if (first !== undefined) throw new FailureError(first, ...rest);
    return 'the daemon has taken it over';
  }
  const { code, message, hint } = answer.error;
  if (code === 'DAEMON_UNREACHABLE') return `no daemon runs: it holds from the next start; ${START_DAEMON}`;
  const text = `written, and the daemon does not say that it follows it: ${message}`;
  throw new FailureError({ code, message: text, ...(hint !== undefined && { hint }) });
}

/** Of what is wrong, what is about these keys: about the file, or about their group. */
function troubleOf({ trouble }: SettingsInfo, keys: readonly string[]): readonly Failure[] {
  if (trouble === undefined) return [];
  const groups = keys.map((key) => `${key.split('.')[0] ?? key}.`);
  const ofGroups = trouble.unfollowed.filter(({ message }) =>
    groups.some((group) => message.startsWith(group)),
  );
  return [...trouble.broken, ...ofGroups];
}
