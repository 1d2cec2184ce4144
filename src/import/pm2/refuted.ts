import { cronProblem } from '../../spec/cron-text.ts';
import { portNames, probedPortProblem } from '../../spec/ports/normalise-ports.ts';
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
    const why = reasonOf(field, value, { ...around, fields });
    return why === null ? [] : [[field, why] as const];
  });
  return new Map(reasons);
}

function reasonOf(
  field: string,
  value: unknown,
  { hasFile, apps, fields }: Surroundings & { readonly fields: Fields },
): string | null {
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
    case 'readiness':
    case 'liveness':
    case 'startup':
      return portProblem(value, fields);
    default:
      return null;
  }
}

/** Why a probe finds no port; null: it does, or asks at none. */
function portProblem(probe: unknown, fields: Fields): string | null {
  const { http, tcp } = fieldsOf(probe);
  if (http === undefined && tcp === undefined) return null;
  const { port } = fieldsOf(http ?? tcp);
  const reference = typeof port === 'string' || typeof port === 'number' ? portOf(port) : null;
  const { PORT: told } = fieldsOf(fields['env']);
  const env = typeof told === 'string' || typeof told === 'number' ? { PORT: String(told) } : {};
  const problem = probedPortProblem(reference, { names: portNames(fields), env });
  if (problem === null) return null;
  return problem === 'missing' ? 'port is missing' : `the app has no port ${String(reference)}`;
}

function portOf(port: string | number): string | number {
  return /^\d+$/.test(String(port)) ? Number(port) : port;
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

/** The texts of a list, the keys of a map, or the one text. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value) ? value.map(String) : Object.keys(value);
}
