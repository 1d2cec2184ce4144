import type { Live } from '../../lib/values/live.ts';
import { Bound } from '../../reconcile/bound.ts';
import { parseRemote } from '../../sources/git/remote.ts';
import type { SourceSpec } from '../../sources/model/source.ts';

/** Sources of one host that it is asked for at once. */
const LOOKED_AT_ONCE = 4;

/** How many things are done at once of one kind. */
export interface Bounds {
  readonly look: Bound;
  readonly deploy: Bound;
}

/**
 * Sources are worked on beside each other, within bounds. Looks have bounds of their own, one for each host: one that does
 * not answer holds up those who want something of it, and nobody else.
 */
export class WorkPlaces {
  readonly #deploy: Bound;
  readonly #looks = new Map<string, Bound>();

  /** `builds`: versions that are checked out, built and read at once. */
  constructor(builds: Live<number>) {
    this.#deploy = new Bound(builds);
  }

  of({ from, name }: SourceSpec): Bounds {
    const remote = from.kind === 'git' ? parseRemote(from.remote, { insecure: true }) : null;
    const host = remote?.ok === true ? `host ${remote.value.host}` : `source ${name}`;
    const look = this.#looks.get(host) ?? new Bound(LOOKED_AT_ONCE);
    this.#looks.set(host, look);
    return { look, deploy: this.#deploy };
  }
}
