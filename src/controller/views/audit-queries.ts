import type { ApiBackend } from '../../api/contract/endpoints/backend.ts';
import type { AuditEntryInfo } from '../../api/contract/wire/guards/audit.ts';
import { ok } from '../../lib/result.ts';
import { readAudit, verifyAudit } from '../../state/audit/read-audit.ts';

const DEFAULT_LIMIT = 50;

/** The audit log, for those who ask. Read from disk, so it needs no daemon. `folder`: where it lies. */
export function auditQueries(folder: string): Pick<ApiBackend, 'audit' | 'auditVerdict'> {
  return {
    async audit({ limit = DEFAULT_LIMIT }) {
      const entries = await readAudit(folder, limit);
      return ok({ apiVersion: 'v1', kind: 'AuditList', items: entries as readonly AuditEntryInfo[] });
    },
    async auditVerdict({ head: noted }) {
      const { entries, head, problems } = await verifyAudit(folder, noted);
      const whole = problems.length === 0;
      return ok({ apiVersion: 'v1', kind: 'AuditVerdict', whole, entries, head, problems });
    },
  };
}
