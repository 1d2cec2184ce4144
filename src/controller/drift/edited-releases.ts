import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Condition } from '../../plan/model/health.ts';
import { releaseOf } from '../../spec/release-paths.ts';
import type { EditedRelease } from '../../sources/releases/model.ts';
import type { Store } from '../../state/store.ts';
import { editedText } from '../sources/work/edits.ts';
import type { Look } from './rounds.ts';
import { DriftShown, type ShowDriftOptions } from './show-drift.ts';

export interface EditedReleasesOptions extends ShowDriftOptions {
  readonly store: Pick<Store, 'appendEvent' | 'projects'>;
  /** Releases of a source in which somebody has edited files, as they were found last. */
  readonly editedOf: (source: string) => readonly EditedRelease[];
}

/** Shows apps that run from a release in which somebody has edited files. The source has found that, and told of it. */
export class EditedReleases implements Look {
  readonly #options: EditedReleasesOptions;
  readonly #shown: DriftShown;

  constructor(options: EditedReleasesOptions) {
    this.#options = options;
    this.#shown = new DriftShown('Release', { ...options, store: { appendEvent: silent } });
  }

  look(): Promise<void> {
    const { store, editedOf } = this.#options;
    const found = new Map<AppKey, Condition>();
    for (const { project, source, apps } of store.projects()) {
      const { origin } = source;
      const edited = origin?.commit === undefined ? [] : editedOf(origin.source);
      if (origin === undefined || edited.length === 0) continue;
      for (const [name, { spec }] of Object.entries(apps)) {
        const commit = releaseOf(source, spec)?.commit;
        const own = edited.filter((release) => release.commit === commit);
        if (own.length > 0) found.set(appKey(project, name), conditionOf(own, origin.source));
      }
    }
    this.#shown.show(found);
    return Promise.resolve();
  }

  recheck(): Promise<void> {
    return this.look();
  }
}

function conditionOf(edited: readonly EditedRelease[], source: string): Condition {
  const way = `push the edits, or stateward source describe ${source} shows them`;
  return {
    ...{ type: 'Release', status: 'False', reason: 'ReleaseEdited' },
    message: `${editedText(edited)}; ${way}`,
  };
}

const silent: Store['appendEvent'] = (event) => ({ ...event, seq: 0 });
