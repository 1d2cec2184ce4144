import {
  findDuplicate,
  isName,
  isOneOf,
  isText,
  listOf,
  mapOf,
  nullable,
  objectOf,
  optional,
  type Check,
} from '../../../lib/checks.ts';
import { isAppSpec } from '../../../spec/generated/spec-check.ts';
import { meaninglessFields } from '../../../spec/meaning.ts';
import type { AppSpec, Moved, ProjectOrigin, ProjectSource, ProjectSpec } from '../../../spec/types.ts';

const isMeaningfulSpec: Check = (value, path) => {
  const problem = isAppSpec(value, path);
  if (problem !== null) return problem;
  const [wrong] = meaninglessFields(value as AppSpec);
  return wrong === undefined ? null : `${path}.${wrong.path.join('.')}: ${wrong.message}`;
};

/** What was called otherwise. */
export const isMoved = objectOf<Moved>({ from: optional(isName), apps: optional(mapOf(isName)) });

/** Where a project was declared. */
export const isProjectSource = objectOf<ProjectSource>({
  files: listOf(isText),
  env: nullable(isText),
  over: optional(listOf(isText)),
  vars: optional(mapOf(isText)),
  realFiles: optional(listOf(isText)),
  named: optional(isOneOf(true)),
  origin: optional(objectOf<ProjectOrigin>({ source: isName, commit: optional(isText) })),
});

/**
 * A project as the command sends it, normalised. An older command does not send the newer fields of its apps: see
 * `completeSpec`.
 */
export const isProjectSpec: Check = (value, path) => {
  const problem = objectOf<ProjectSpec>({
    project: isName,
    moved: optional(isMoved),
    source: isProjectSource,
    apps: listOf(isMeaningfulSpec),
  })(value, path);
  return problem ?? findDuplicate((value as ProjectSpec).apps, 'name', `${path}.apps`);
};
