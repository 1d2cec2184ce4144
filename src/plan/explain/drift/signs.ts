import type { Drift, DriftKind } from './drift.ts';
import type { ConditionType } from '../../model/health.ts';
import type { Reason } from '../../model/reasons.ts';

interface Sign {
  readonly kind: DriftKind;
  readonly type: ConditionType;
  readonly heals: Drift['heals'];
}

/** The conditions that say that something has drifted, by their reason. Their messages end with `; ` and the way out. */
export const SIGNS: Readonly<Partial<Record<Reason, Sign>>> = {
  DeclarationChanged: { kind: 'declaration', type: 'Declaration', heals: 'never' },
  DeclarationGone: { kind: 'declaration', type: 'Declaration', heals: 'never' },
  EnvFileChanged: { kind: 'env-file', type: 'Environment', heals: 'never' },
  CodeNewer: { kind: 'code', type: 'Code', heals: 'never' },
  SecretNewer: { kind: 'secret', type: 'Secrets', heals: 'never' },
  SourceDrifted: { kind: 'source', type: 'AsDeclared', heals: 'never' },
  ReleaseEdited: { kind: 'release', type: 'Release', heals: 'never' },
  LimitsUnavailable: { kind: 'limits', type: 'Limited', heals: 'never' },
  MarkedStranger: { kind: 'process', type: 'Strangers', heals: 'never' },
  PortTaken: { kind: 'port', type: 'PortFree', heals: 'never' },
};
