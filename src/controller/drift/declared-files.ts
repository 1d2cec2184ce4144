import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Condition } from '../../plan/model/health.ts';
import type { ProjectRecord } from '../../state/model/types.ts';
import type { Store } from '../../state/store.ts';
import { declarationCondition, environmentCondition, type ChangedFile } from './declaration.ts';
import { FileHashes, type Hashing } from './file-hashes.ts';
import { DriftShown, type ShowDriftOptions } from './show-drift.ts';

export interface DeclaredFilesOptions extends ShowDriftOptions {
  readonly store: Pick<Store, 'appendEvent' | 'projects'>;
}

/**
 * Finds edits of ecosystem files and of env files since they were applied. Of a project that a source declares it finds none:
 * the source itself looks at its files, and those of a release stay as they are.
 */
export class DeclaredFiles {
  readonly #options: DeclaredFilesOptions;
  readonly #hashes = new FileHashes();
  readonly #declaration: DriftShown;
  readonly #environment: DriftShown;

  constructor(options: DeclaredFilesOptions) {
    this.#options = options;
    this.#declaration = new DriftShown('Declaration', options);
    this.#environment = new DriftShown('Environment', options);
  }

  async look(): Promise<void> {
    const declaration = new Map<AppKey, Condition>();
    const environment = new Map<AppKey, Condition>();
    const paths = new Set<string>();
    for (const record of this.#options.store.projects()) {
      const { project, source, readFrom, apps } = record;
      if (readFrom === undefined || source.origin !== undefined) continue;
      const names = Object.keys(apps);
      const condition = declarationCondition(record, await this.#changed(readFrom.declared, 'bytes', paths));
      if (condition !== null) for (const name of names) declaration.set(appKey(project, name), condition);
      for (const name of names) {
        const files = readFrom.env?.[name];
        if (files === undefined) continue;
        const ofApp = environmentCondition(source, await this.#changed(files, 'variables', paths));
        if (ofApp !== null) environment.set(appKey(project, name), ofApp);
      }
    }
    this.#hashes.keep(paths);
    this.#declaration.show(this.#stillThere(declaration), 'project');
    this.#environment.show(this.#stillThere(environment));
  }

  async #changed(
    files: NonNullable<ProjectRecord['readFrom']>['declared'],
    hashing: Hashing,
    paths: Set<string>,
  ): Promise<readonly ChangedFile[]> {
    const changed: ChangedFile[] = [];
    for (const [path, hash] of Object.entries(files)) {
      paths.add(path);
      const now = await this.#hashes.now(path, hashing);
      if (now.kind === 'gone' || (now.kind === 'hash' && now.hash !== hash)) changed.push({ path, now });
    }
    return changed;
  }

  /** An app may have left while its files were looked at. */
  #stillThere(found: ReadonlyMap<AppKey, Condition>): ReadonlyMap<AppKey, Condition> {
    const keys = new Set(
      this.#options.store
        .projects()
        .flatMap(({ project, apps }) => Object.keys(apps).map((name) => appKey(project, name))),
    );
    return new Map([...found].filter(([key]) => keys.has(key)));
  }
}
