import * as Flags from '@oclif/core/flags';
import type { PlannedVersion } from '../../api/contract/wire/plan.ts';
import { shortCommit } from '../../lib/commit-hash.ts';

export const fetchFlag = Flags.boolean({
  description: 'Look for the newest version first (--no-fetch: what was seen last).',
  allowNo: true,
  default: true,
});

/** Which version is shown, and how new that is. */
export function versionLines(version: PlannedVersion | undefined): readonly string[] {
  if (version === undefined) return [];
  const { source, version: id, subject, fetched, problem } = version;
  const of = `${source} at ${shortCommit(id)}${subject === undefined ? '' : ` (${subject})`}`;
  if (problem === undefined) return [`${of}${fetched ? ', looked for just now' : ''}`];
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return [`${problem.message}${hint}`, `shown is the newest version that was seen: ${of}`];
}
