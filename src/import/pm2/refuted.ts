import { cronProblem } from '../../spec/cron-text.ts';
import type { Fields } from '../model/imported.ts';

/** What an app finds around it. */
export interface Surroundings {
  /** Whether a file is there; relative paths start at the folder of the file that is imported. */
  readonly hasFile: (path: string) => boolean;
  /** Names of the apps of the file. */
  readonly apps: ReadonlySet<string>;
}

/** Settings in the right form that could not be applied, each with the reason; PM2 ignores them or has its own way. */
export function refuted(fields: Fields, around: Surroundings): ReadonlyMap<string, string> {
  const reasons = Object.entries(fields).flatMap(([field, value]) => {
    const why = reasonOf(field, value, around);
    return why === null ? [] : [[field, why] as const];
  });
  return new Map(reasons);
}

function reasonOf(field: string, value: unknown, { hasFile, apps }: Surroundings): string | null {
  switch (field) {
    case 'cron_restart':
    case 'schedule':
      return typeof value === 'string' && value !== '0' ? cronProblem(value) : null;
    case 'interpreter':
      return typeof value === 'string' && value.startsWith('node@')
        ? 'no version of Node is installed: name the path of its binary'
        : null;
    case 'env_file': {
      const missing = textsOf(value).filter((path) => !hasFile(path));
      return missing.length === 0 ? null : `PM2 ignored it, and ${missing.join(', ')} is not there`;
    }
    case 'depends_on': {
      const unknown = textsOf(value).filter((name) => !apps.has(name));
      return unknown.length === 0 ? null : `PM2 ignored it, and the file has no app ${unknown.join(', ')}`;
    }
    default:
      return null;
  }
}

/** The texts of a list, the keys of a map, or the one text. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value) ? value.map(String) : Object.keys(value);
}
