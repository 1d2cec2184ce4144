import type { Drift } from '../../../../plan/explain/drift/drift.ts';

/** One way in which an app differs from what is declared. */
export interface DriftInfo extends Omit<Drift, 'project' | 'app' | 'since' | 'until'> {
  /** null: not known. */
  readonly since: string | null;
  /** When it ends by itself; absent: it does not. */
  readonly until?: string;
}
