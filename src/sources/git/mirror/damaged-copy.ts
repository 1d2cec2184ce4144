import type { Failure } from '../../../lib/failure.ts';

/** Something of the mirror is not there, or cannot be read. It says nothing of the commit: nobody is to give up on that. */
export function damagedCopy(what: string): Failure {
  return {
    code: 'FETCH_FAILED',
    message: `cannot read ${what} from the copy of the repository`,
    hint: 'the copy is made anew at the next fetch; stateward source sync asks for one now',
  };
}
