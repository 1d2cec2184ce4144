import type { ApplyRequest } from '../../api/contract/wire/apply.ts';
import {
  codeRunners,
  slotsLeftByOtherCode,
  slotsOfOtherCode,
  slotsOfOtherFiles,
  startsOtherCode,
} from '../../plan/decide/code.ts';
import { filesRead, reloadsCode } from '../../plan/decide/reload-code.ts';
import { isRotation, type CodeChange, type CodeIdentity } from '../../plan/model/code.ts';
import { rotatedSecrets } from '../../plan/model/secrets.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import type { AppTable } from '../../plan/slots/slots.ts';
import type { CodeOnDisk } from '../context/code-book.ts';
import { describeCodeChange } from '../../plan/model/code.ts';
import { desiredApps } from '../../state/desired/desired.ts';
import type { Projects } from '../../state/desired/reducer.ts';
import type { Fact } from '../../state/model/types.ts';
import { mapPieces, type Pieces } from '../../lib/turns/pieces.ts';
import { scopeOf, tablesByApp, type HostSnapshot } from './host-snapshot.ts';

export type CodeFact = Extract<Fact, { kind: 'code-changed' | 'reload-requested' }>;

/** Apps whose processes are as declared but run other code than lies on disk, or have read other files than lie there. */
export function* codeChanges(
  accepted: Projects,
  request: ApplyRequest,
  host: HostSnapshot,
): Pieces<readonly CodeFact[]> {
  const { code, instances, now: at } = host;
  if (code === undefined || !host.reachable) return [];
  const tableOf = tablesByApp(instances, host.histories);
  const isInScope = scopeOf(request);
  const facts = yield* mapPieces(desiredApps(accepted), (app): readonly CodeFact[] => {
    const { key } = app;
    const onDisk = isInScope(key) ? code.identities.get(key) : undefined;
    if (onDisk === undefined) return [];
    const table = tableOf(key);
    const changed = slotsOfOtherCode(app, table.instances, onDisk);
    const again = slotsLeftByOtherCode(app, table, onDisk);
    const isAsked = request.restart !== undefined && app.lastRestart?.at === at;
    const change = changed.length + again.length === 0 ? undefined : code.changeOf(key, codeRunners(table));
    // A value that is in the environment of a process is there until another process takes its place.
    const rotated = change !== undefined && isRotation(change);
    const isReloaded = reloadsCode(app.spec) && !hasRotations(change);
    const slots = isReloaded ? [] : changed;
    const detail = change === undefined ? '' : describeCodeChange(change);
    if (isAsked && changed.length + again.length === 0)
      return restartedWith(app, { table, onDisk, code, at });
    const replaced: readonly CodeFact[] =
      change === undefined || slots.length + again.length === 0
        ? []
        : [
            {
              kind: 'code-changed',
              key,
              slots,
              again,
              code: onDisk.id,
              ...(rotated && { rotated }),
              detail,
              at,
            },
          ];
    const reloaded: readonly CodeFact[] =
      isReloaded && change !== undefined && changed.length > 0
        ? [{ kind: 'reload-requested', key, slots: changed, reason: 'CodeChanged', detail, at }]
        : readingChange(app, { table, onDisk, code, replaced: slots, at });
    return [...replaced, ...reloaded];
  });
  return facts.flat();
}

function hasRotations(change: CodeChange | undefined): boolean {
  return change !== undefined && rotatedSecrets(change.before, change.after).length > 0;
}

interface CodeLook {
  readonly table: AppTable;
  readonly onDisk: CodeIdentity;
  readonly code: CodeOnDisk;
  readonly at: number;
}

/** That the new processes which somebody has asked for are of other code than those before them; nothing: they are not. */
export function restartedWith(
  app: DesiredApp,
  { table, onDisk, code, at }: CodeLook,
): readonly Extract<CodeFact, { kind: 'code-changed' }>[] {
  if (!startsOtherCode(app, table, onDisk)) return [];
  const change = code.changeOf(app.key, codeRunners(table));
  const detail = change === undefined ? '' : describeCodeChange(change);
  const rotated = change !== undefined && isRotation(change);
  return [
    {
      ...{ kind: 'code-changed', key: app.key, slots: [], again: [], code: onDisk.id, detail, at },
      ...(rotated && { rotated }),
    },
  ];
}

/** Files that processes read again on a reload, and that have changed since they did. What is replaced reads them anyway. */
function readingChange(
  app: DesiredApp,
  { table, onDisk, code, replaced, at }: CodeLook & { readonly replaced: readonly number[] },
): readonly CodeFact[] {
  const { key } = app;
  const slots = slotsOfOtherFiles(app, table.instances, onDisk).filter((slot) => !replaced.includes(slot));
  if (slots.length === 0) return [];
  const files = code.filesChanged(key, codeRunners(table));
  const rotations = code.rotationsToRead(key, codeRunners(table));
  const named = files === '' && rotations.length === 0 ? filesRead(app.spec).join(', ') : files;
  const detail = [...(named === '' ? [] : [`${named} changed`]), ...rotations].join(', ');
  return [{ kind: 'reload-requested', key, slots, reason: 'SettingsChanged', detail, at }];
}
