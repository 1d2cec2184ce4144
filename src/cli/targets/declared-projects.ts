import { dirname } from 'node:path';
import type { LoadedDocument } from '../../config/load-document.ts';
import { groupBy } from '../../lib/collections.ts';
import type { AppSpec } from '../../spec/types.ts';

/** A project with what is known of its files. */
export interface DeclaredProject {
  readonly project: string;
  /** Absolute path of the folder of its first file. */
  readonly root: string;
  readonly apps: readonly AppSpec[];
  /** Names of apps whose number of instances depends on the processors of a host. */
  readonly perProcessor: ReadonlySet<string>;
  readonly parts: readonly LoadedDocument[];
}

/** The projects of ecosystem files. `cwd`: the folder of what comes from standard input. */
export function declaredProjects(
  documents: readonly LoadedDocument[],
  cwd: string,
): readonly DeclaredProject[] {
  const projects = groupBy(documents, ({ project }) => project);
  return [...projects].map(([project, parts]) => {
    const apps = parts.flatMap(({ loaded }) => loaded.apps);
    const path = parts[0]?.found.path ?? '-';
    return {
      project,
      root: path === '-' ? cwd : dirname(path),
      apps: apps.map(({ spec }) => spec),
      perProcessor: new Set(
        apps.filter(({ declared }) => isPerProcessor(declared.app.instances)).map(({ spec }) => spec.name),
      ),
      parts,
    };
  });
}

/** `max`, 0 and numbers below it depend on the host. */
function isPerProcessor(instances: number | string | undefined): boolean {
  return instances !== undefined && !(Number(instances) > 0);
}
