import type { AppSpec, FieldChange } from '../../spec/types.ts';
import { describeSource } from '../../spec/secrets/variable-source.ts';

/** What is known of the values of a process, or of those that one would get now: of these two, one at most. */
interface Known {
  readonly secrets?: Readonly<Record<string, string>>;
  readonly readSecrets?: Readonly<Record<string, string>>;
}

/**
 * Variables whose value is known to be another one. What is not known on one side, as of a program that only a start
 * runs, is no change.
 */
function changed(before: Known, after: Readonly<Record<string, string>> | undefined): readonly string[] {
  const known = before.secrets ?? before.readSecrets;
  if (known === undefined || after === undefined) return [];
  return Object.keys(after).filter((name) => isOther(known[name], after[name]));
}

/** Hashes of two keys say nothing of each other: the key of the home was lost, and there is another. */
function isOther(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  return before !== after && keyOf(before) === keyOf(after);
}

/** `<key>:<length>:<hash>` */
export function keyOf(hash: string): string {
  return hash.slice(0, Math.max(0, hash.indexOf(':')));
}

/** Those that only a new process gets. */
export function rotatedSecrets(before: Known, after: Known): readonly string[] {
  return changed(before, after.secrets);
}

/** Those that the app reads again on a reload (`on_change: secrets`). */
export function secretsToRead(before: Known, after: Known): readonly string[] {
  return changed(before, after.readSecrets);
}

/** `env.DB_PASSWORD rotated (from_file /srv/secrets/db)` */
export function describeRotation(name: string, { env_from }: Pick<AppSpec, 'env_from'>): string {
  const source = env_from[name];
  return `env.${name} rotated${source === undefined ? '' : ` (${describeSource(source)})`}`;
}

/** A rotation as a field of a plan: neither value is known to anybody who reads it. */
export function rotationField(name: string, text: string): FieldChange {
  const note = text.replace(`env.${name} `, '');
  return {
    path: `env.${name}`,
    before: undefined,
    after: undefined,
    class: 'template',
    redacted: true,
    note,
  };
}
