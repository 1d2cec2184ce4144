import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import { codeRunners, slotsDoneByOtherCode, slotsOfOtherCode } from '../../plan/decide/code.ts';
import { describeCodeChange } from '../../plan/model/code.ts';
import { desiredApps } from '../../state/desired/desired.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { Fact } from '../../state/model/types.ts';
import { inScope, tablesByApp, type HostSnapshot } from './host-snapshot.ts';

export type CodeFact = Extract<Fact, { kind: 'code-changed' }>;

/** Apps whose processes are as declared but run other code than lies on disk. */
export function codeChanges(
  accepted: Projects,
  request: ApplyRequest,
  host: HostSnapshot,
): readonly CodeFact[] {
  const { code, instances, now: at } = host;
  if (code === undefined || !host.reachable) return [];
  const tableOf = tablesByApp(instances, host.histories);
  return desiredApps(accepted).flatMap((app) => {
    const { key } = app;
    const onDisk = inScope(key, request) ? code.identities.get(key) : undefined;
    if (onDisk === undefined) return [];
    const table = tableOf(key);
    const slots = slotsOfOtherCode(app, table.instances, onDisk);
    const again = slotsDoneByOtherCode(app, table, { onDisk, now: at });
    if (slots.length + again.length === 0) return [];
    const change = code.changeOf(key, codeRunners(table));
    if (change === undefined) return [];
    return [{ kind: 'code-changed', key, slots, again, detail: describeCodeChange(change), at } as const];
  });
}
