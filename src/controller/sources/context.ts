import type { ApplyRequest, ApplyResponse } from '../../api/contract/wire/apply.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import type { Live } from '../../lib/values/live.ts';
import type { AppKey } from '../../lib/app-key.ts';
import type { Condition } from '../../plan/model/health.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import type { HomeLayout } from '../../home/layout.ts';
import type { StatusTable } from '../../reconcile/status-table.ts';
import type { ObservedInstance } from '../../plan/model/observed.ts';
import type { ThisHost } from './work/surroundings.ts';
import type { GitTools } from './git-tools.ts';
import type { Store } from '../../state/store.ts';

/** What sources are worked on with. */
export interface SourcesContext {
  readonly paths: HomeLayout;
  readonly store: Pick<Store, 'project' | 'records' | 'appendEvent' | 'onCommit' | 'desired' | 'revision'>;
  readonly git: GitTools;
  /** What runs. */
  readonly instances: () => readonly ObservedInstance[];
  readonly status: Pick<StatusTable, 'health'>;
  /** Shows a condition at an app, or (null) no more. */
  readonly showCondition: (key: AppKey, type: Condition['type'], condition: Condition | null) => void;
  readonly clock: Clock;
  readonly host: ThisHost;
  readonly random: () => number;
  /** Versions that are checked out and built at once. */
  readonly builds: Live<number>;
  /** How often a source is looked at that does not say it, in milliseconds. */
  readonly pollMs: Live<number>;
  /** The same apply and the same plan as for a person. */
  readonly apply: (request: ApplyRequest) => Promise<Result<ApplyResponse, Failure>>;
  readonly plan: (request: ApplyRequest) => Promise<Result<PlanDocument, Failure>>;
  /** The built program that reads ecosystem files (src/sources/declare/main.ts). */
  readonly declareProgram: string;
  /** For `${VAR}` in files. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: (line: string) => void;
}
