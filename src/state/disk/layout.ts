import { join } from 'node:path';
import { safeFileName } from './file-name.ts';

/** Where everything lies below the state folder. */
export interface StateLayout {
  readonly root: string;
  readonly projects: string;
  readonly revisions: string;
  readonly history: string;
  readonly ids: string;
  readonly events: string;
  readonly freezes: string;
  /** The settings of the home as they were taken over last. */
  readonly settings: string;
  /** Folder of the audit log. */
  readonly audit: string;
  projectFile(project: string): string;
  historyFile(project: string): string;
}

export function stateLayout(root: string): StateLayout {
  const projects = join(root, 'projects');
  const history = join(root, 'history');
  return {
    root,
    projects,
    history,
    revisions: join(root, 'revisions'),
    ids: join(root, 'ids.json'),
    events: join(root, 'events.ndjson'),
    freezes: join(root, 'freezes.json'),
    settings: join(root, 'settings.json'),
    audit: join(root, 'audit'),
    projectFile: (project) => join(projects, `${safeFileName(project)}.json`),
    historyFile: (project) => join(history, `${safeFileName(project)}.json`),
  };
}

/** Where the declared sources of a home are kept. */
export function sourcesFolder(root: string): string {
  return join(root, 'sources');
}

/** Where what is known of one source is kept. */
export function sourceFile(root: string, name: string): string {
  return join(sourcesFolder(root), `${safeFileName(name)}.json`);
}

/** Where those who are told what happens are kept. */
export function receiversFolder(root: string): string {
  return join(root, 'receivers');
}

/** Where one of them is kept, with what it is still to be told. */
export function receiverFile(root: string, name: string): string {
  return join(receiversFolder(root), `${safeFileName(name)}.json`);
}
