import type { AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import type { ProjectSource } from '../../spec/types.ts';
import {
  baseName,
  compareOrigins,
  describeOrigin,
  folderOf,
  leftOut,
  sharesFile,
  type OriginLooks,
  type OwnedProject,
} from './origin.ts';
import { findTwin } from './twin.ts';

export interface OwnershipInput extends OriginLooks {
  readonly project: string;
  readonly source: ProjectSource;
  /** Names of the apps that are declared. */
  readonly apps: readonly string[];
  /** The project as it is; null: it is new. */
  readonly before: OwnedProject | null;
  /** Other projects of this home that are not part of the same request. */
  readonly others: readonly OwnedProject[];
  /** The apps that would be removed. */
  readonly removed: readonly AppKey[];
}

/**
 * A project is its name and where it is declared. This refuses a declaration from elsewhere that shares the name only
 * because of its folder, one that removes apps that another file declared, and a new project that looks like the next
 * version of another one.
 */
export function ownershipGuard(input: OwnershipInput, { takeOver }: { takeOver: boolean }): Failure | null {
  if (takeOver) return null;
  const { before } = input;
  if (before === null || before.apps.length === 0) return twinGuard(input);
  switch (compareOrigins(before, input.source, input)) {
    case 'same':
      return null;
    case 'other':
      return otherOrigin(input, before);
    case 'part':
      return removalGuard(input, before, leftOutHint(input, before));
    case 'moved':
      return removalGuard(
        input,
        before,
        'check that it is the file you mean; to remove them all the same, repeat with --take-over',
      );
  }
}

/** What the plan says about a project that is declared elsewhere than before; null: it is not. */
export function originNote(input: OwnershipInput): string | null {
  const { before, source } = input;
  if (before === null) return null;
  const change = compareOrigins(before, source, input);
  return change === 'moved' || change === 'other'
    ? `declared by ${describeOrigin(before.source)} before`
    : null;
}

function otherOrigin({ project, source, isSource }: OwnershipInput, before: OwnedProject): Failure {
  const { origin } = before.source;
  // One that was removed declares nothing any more.
  if (origin !== undefined && isSource(origin.source)) return ofSource(project, source, origin.source);
  const byHand = source.files.length === 0;
  return {
    code: 'OTHER_ORIGIN',
    message: `cannot apply: project ${project} is declared elsewhere, and ${byHand ? 'apps that are started by hand are of that name too' : 'this file does not say that it is the same project'}`,
    details: [`declared by: ${describeOrigin(before.source)}`, `now by:      ${describeOrigin(source)}`],
    hint: byHand
      ? 'give the project of that file another name with `project: NAME`, or take it over with --take-over'
      : 'write `project: NAME` at the top of this file (another name: a project of its own; the same: it moves here), or take the project over with --take-over',
  };
}

/** A project that a source declares, and that somebody else declares too. */
function ofSource(project: string, now: ProjectSource, source: string): Failure {
  return {
    code: 'OTHER_ORIGIN',
    message: `cannot apply: project ${project} is declared by the source ${source}`,
    details: [`now by: ${describeOrigin(now)}`],
    hint: `change it where the source has it from (then: stateward source sync ${source}); or take it over with --take-over, after stateward source suspend ${source}`,
  };
}

function removalGuard({ project, source, removed }: OwnershipInput, before: OwnedProject, hint: string) {
  if (removed.length === 0) return null;
  const apps = removed.length === 1 ? '1 app' : `${removed.length} apps`;
  return {
    code: 'OTHER_ORIGIN' as const,
    message: `cannot apply: project ${project} was declared elsewhere, and ${apps} of it would be removed`,
    details: [
      `declared by: ${describeOrigin(before.source)}`,
      `now by:      ${describeOrigin(source)}`,
      ...[...removed].sort().map((key) => `would go:    ${key}`),
    ],
    hint,
  };
}

function leftOutHint({ source, exists }: OwnershipInput, before: OwnedProject): string {
  const files = leftOut(before.source, source, exists).map((file) => `-f ${file}`);
  return `give all of its files (add ${files.join(' ')}); to remove what they declare, repeat with --take-over`;
}

function twinGuard({ project, source, apps, others }: OwnershipInput): Failure | null {
  if (source.named === true || source.files.length === 0) return null;
  const twin = findTwin(source, apps, others);
  if (twin === null) return null;
  return {
    code: 'TWIN_PROJECT',
    message: `cannot apply: project ${project}, called after its folder, would run beside ${twin.project}, which looks like the same one`,
    details: [`${twin.project}: ${describeOrigin(twin.source)}`, `${project}: ${describeOrigin(source)}`],
    hint: `write \`project: ${twin.project}\` at the top of the file (it is then one project wherever it lies), or apply it over the same link each time; to run both, repeat with --take-over`,
  };
}

/** For a new project whose file declared another one before, which still runs: a note that says so. */
export function renamedProjectNote(input: OwnershipInput): string | null {
  const { before, source, others } = input;
  if (before !== null && before.apps.length > 0) return null;
  const old = others.find(
    (other) => other.apps.length > 0 && (sharesFile(other.source, source) || hasRenamedFolder(other, input)),
  );
  if (old === undefined) return null;
  return `this file declared project ${old.project} before, and that runs on beside this one: \`moved: { from: ${old.project} }\` at the top keeps its processes under the new name; stateward delete ${old.project} ends it`;
}

/** Whether its file is gone, and a file of the same name with the same apps lies in a folder beside it. */
function hasRenamedFolder(old: OwnedProject, { source, apps, exists }: OwnershipInput): boolean {
  const names = new Set(apps);
  const places = new Set(source.files.map((file) => `${folderOf(folderOf(file))} ${baseName(file)}`));
  return (
    old.source.files.length > 0 &&
    old.apps.length === apps.length &&
    old.apps.every((name) => names.has(name)) &&
    old.source.files.every(
      (file) => file !== '-' && places.has(`${folderOf(folderOf(file))} ${baseName(file)}`) && !exists(file),
    )
  );
}
