import { ownValue } from '../../lib/collections.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Projects } from '../desired/reducer.ts';
import type { AuditEntry } from './audit-entry.ts';

/** Whether the state that was read holds what the newest entry of the audit log tells of. */
export function cameAbout(entry: AuditEntry, projects: Projects): boolean {
  switch (entry.kind) {
    case 'revision':
      return (projects.get(entry.project)?.revision ?? 0) >= entry.revision;
    case 'verb':
      return entry.apps.every(({ app, generation }) => {
        const { project, name } = splitAppKey(app);
        return (ownValue(projects.get(project)?.apps, name)?.generation ?? 0) >= generation;
      });
    default:
      // Also of what a newer stateward tells.
      return true;
  }
}
