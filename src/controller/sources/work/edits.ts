import { shortCommit } from '../../../lib/commit-hash.ts';
import type { Clock } from '../../../lib/clocks/clock.ts';
import type { SourceRecord } from '../../../sources/model/record.ts';
import type { EditedRelease } from '../../../sources/releases/model.ts';
import type { SourcesContext } from '../context.ts';
import { tell } from '../tell.ts';
import type { Provider } from './provider.ts';

/** Every file is looked at: not with each look at the source. */
const EVERY_MS = 5 * 60_000;
const FILES_NAMED = 3;

export interface FoundEdit extends EditedRelease {
  /** When it was found, epoch milliseconds. */
  readonly since: number;
}

/** What somebody has changed in the releases that a source runs from, as it was found last. */
export class Edits {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #found: readonly FoundEdit[] = [];
  #lookedAt = -Infinity;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  get found(): readonly FoundEdit[] {
    return this.#found;
  }

  /** Looks again when it is time, or somebody wants to know; tells of what was not known. */
  async look(
    record: SourceRecord,
    provider: Pick<Provider, 'edited'>,
    context: Pick<SourcesContext, 'store' | 'clock'>,
  ): Promise<void> {
    const now = this.#clock.monotonic();
    if (record.asked === null && now - this.#lookedAt < EVERY_MS) return;
    this.#lookedAt = now;
    const before = new Map(this.#found.map(({ commit, since }) => [commit, since]));
    const edited = await provider.edited(record);
    this.#found = edited.map((one) => ({ ...one, since: before.get(one.commit) ?? context.clock.now() }));
    const more = edited.filter(({ commit }) => !before.has(commit));
    if (more.length > 0) tell(context, record, 'ReleaseEdited', editedText(more));
  }
}

/** `68da218: api/server.js changed, web/index.html removed`. */
export function editedText(edited: readonly EditedRelease[]): string {
  const releases = edited.map(({ commit, files }) => {
    const named = files.slice(0, FILES_NAMED).map(({ path, how }) => `${path} ${how}`);
    const more = files.length > FILES_NAMED ? `, and ${files.length - FILES_NAMED} more` : '';
    return `${shortCommit(commit)}: ${named.join(', ')}${more}`;
  });
  return `files of a release were edited by hand, and are lost with the next one unless they are pushed: ${releases.join('; ')}`;
}
