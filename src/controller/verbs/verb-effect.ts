import type { Reason } from '../../plan/model/reasons.ts';
import type { Fact } from '../../state/model/types.ts';

/** What a verb does to one target: facts to commit (none when it is as wanted), and a line for who asked. */
export interface VerbEffect {
  readonly facts: readonly Fact[];
  readonly reason: Reason;
  readonly message: string;
}
