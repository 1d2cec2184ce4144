import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { WriteOptions } from '../desired-state.ts';
import { writeFailure, type WriteProblem } from '../disk/state-failures.ts';
import type { AuditedChange, Made } from './audit-entry.ts';
import type { AuditLog } from './audit-log.ts';
import { changesOf } from './changes-of.ts';

interface Auditing {
  readonly audit: AuditLog;
  /** Told whether lines wait for the disk, and for what; null: none do. */
  readonly report: (problem: WriteProblem | null) => void;
}

/** How one commit is told of. */
export function auditCommit(made: Made | undefined, { audit, report }: Auditing): WriteOptions['audit'] {
  let seqs: readonly number[] = [];
  return {
    before: async (audited) => {
      const first = audit.lastSeq;
      const problem = await audit.append(changesOf(audited, made), audited.mayWait);
      report(audit.isBehind ? problem : null);
      seqs = Array.from({ length: audit.lastSeq - first }, (_, index) => first + index + 1);
      return problem;
    },
    failed: (why) => audit.undone(seqs, why),
  };
}

/** How something is told of that changes nothing of what is desired. Gives the number of its line; null: it waits for the disk. */
export async function auditAct(
  change: AuditedChange,
  { audit, report, mayWait }: Auditing & { readonly mayWait: boolean },
): Promise<Result<number | null, Failure>> {
  const problem = await audit.append([change], mayWait);
  report(audit.isBehind ? problem : null);
  if (problem === null) return ok(audit.lastSeq);
  return mayWait ? ok(null) : err(writeFailure(problem));
}
