import { shortCommit } from '../../lib/commit-hash.ts';
import { earliest, healing } from './healing.ts';
import { announcing, hostWait } from './other-hosts.ts';
import { isQuarantined, type SourceRecord } from '../model/record.ts';
import type { Looks, Step, Wait, WaitReason } from './step.ts';

export type { Looks, Step } from './step.ts';

/**
 * What is to be done about a source next. Pure: the same record gives the same step, so after a crash at any point the
 * work goes on from what is durable.
 *
 *            ┌──── poll, somebody asks ────┐
 *            ▼                             │
 *           look ──▶ a head that is ──▶ deploy ──▶ accepted ──▶ its apps prove themselves ──▶ good
 *            ▲       not applied           │ refused                   │ one fails
 *            │                             ▼                           ▼
 *            └──── a newer head ◀──── quarantined ◀────────── quarantined (and, where so declared, the way back)
 *
 * A head may wait for another host to succeed with it; that host tells it (announce).
 * At rest, a source that heals itself declares again what people have made otherwise (heal).
 * A newer head supersedes whatever goes on; what waits says for what, and until when.
 */
export function nextStep(record: SourceRecord, looks: Looks, now: number): Step {
  const step = stepOfVersions(record, looks, now);
  if (step.kind !== 'wait') return step;
  const next = healing(record, looks, step, now) ?? step;
  return next.kind === 'wait' ? (announcing(record, looks, next, now) ?? next) : next;
}

function stepOfVersions(record: SourceRecord, looks: Looks, now: number): Step {
  const { suspended, asked, head, spec } = record;
  if (suspended !== null) {
    const why = suspended.reason === null ? '' : `: ${suspended.reason}`;
    return wait(null, 'Suspended', `suspended by ${suspended.by}${why}`);
  }
  if (looks.elsewhere !== undefined) {
    return wait(null, 'Elsewhere', `it is for ${looks.elsewhere}, and this host is none of them`);
  }
  const until = looks.nextAt;
  if (until !== null && until <= now) return { kind: 'look' };
  const { retryAt } = looks;
  if (retryAt !== null && retryAt > now) {
    return wait(earliest(until, retryAt), 'BackOff', 'what failed for a reason that passes is tried again');
  }
  if (asked !== null && asked.version !== null && spec.sync !== 'observe') {
    return { kind: 'deploy', version: asked.version, by: asked.by };
  }
  if (head === null) return wait(until, 'NotFetched', 'nothing was fetched yet');
  if (isQuarantined(record, head.id) && asked === null)
    return goesBack(record) ? { kind: 'go-back' } : held(record, until);
  if (record.applied?.id === head.id) {
    // Somebody wants it as the source declares it, whatever people have made of it, or tried again.
    const isAsWanted = (looks.drifts ?? []).length === 0 && record.applied.outcome !== 'failed';
    if (asked !== null && spec.sync !== 'observe' && !isAsWanted)
      return { kind: 'deploy', version: head.id, by: asked.by };
    return applied(record, until);
  }
  if (spec.sync === 'observe') {
    return wait(until, 'Observed', `${name(head.id)} is not applied: the source is only observed`);
  }
  if (spec.sync === 'manual' && asked === null) {
    return wait(until, 'WaitsForSync', `${name(head.id)} waits for: stateward source sync ${spec.name}`);
  }
  const waiting = asked === null ? hostWait(record, head, looks, now) : null;
  if (waiting !== null) return waiting;
  if (looks.closed !== undefined && asked === null) {
    const at = earliest(until, looks.closed.until);
    return wait(
      at,
      'Closed',
      `${name(head.id)} waits for its window; stateward source sync ${spec.name} does not`,
    );
  }
  return { kind: 'deploy', version: head.id, by: asked?.by ?? 'stateward' };
}

function goesBack({ spec, applied: last, lastGood }: SourceRecord): boolean {
  if (last?.outcome !== 'failed' || last.wentBack === true || lastGood === null) return false;
  return spec.onFailure === 'project' || last.takeBack === true;
}

function held({ head, quarantined, spec }: SourceRecord, until: number | null): Wait {
  const bad = quarantined.find(({ id }) => id === head?.id);
  const message = `${name(head?.id ?? '')} is not tried again (${bad?.message ?? 'it failed'}); something newer is, or stateward source sync ${spec.name}`;
  return wait(until, 'Quarantined', message);
}

function applied({ applied: last }: SourceRecord, until: number | null): Wait {
  if (last?.outcome === 'pending') {
    return wait(until, 'Progressing', `apps of ${name(last.id)} have not proven themselves yet`);
  }
  return wait(until, 'UpToDate', `${name(last?.id ?? '')} is applied`);
}

function name(id: string): string {
  return shortCommit(id);
}

function wait(until: number | null, reason: WaitReason, message: string): Wait {
  return { kind: 'wait', until, reason, message };
}
