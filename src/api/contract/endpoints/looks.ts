import type { RollbackTarget } from '../wire/dash/planned.ts';
import type { GoingBackInfo } from '../wire/revisions.ts';
import type { RoundList } from '../wire/rounds/rounds.ts';
import { get } from './endpoint.ts';
import { roundsQuery, subjectInPath, type RoundsQuery } from './queries.ts';

/** How the daemon comes to what it does: part of CALLS. */
export const LOOKS = {
  /** Where a roll back goes that names no revision. */
  goingBack: get<Omit<RollbackTarget, 'revision'>, GoingBackInfo>(
    '/v1/projects/:project/going-back',
    subjectInPath,
  ),
  /** What the loop did of late, and why. */
  rounds: get<RoundsQuery, RoundList>('/v1/rounds', roundsQuery),
};
