import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { hashShown } from '../../api/contract/shown-plan.ts';
import { OTHER_TARGETS } from '../../api/contract/target-names.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import {
  isFlag,
  isObject,
  isOneOf,
  isText,
  listOf,
  mapOf,
  nullable,
  optional,
  type Check,
} from '../../lib/checks.ts';
import { noSuchFile } from '../../config/read/find/find-files.ts';
import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';
import { REDACTED } from '../../spec/secrets/redact.ts';
import { err, ok } from '../../lib/result.ts';

/** What is taken from a saved plan. The plan itself is made again: a file must not decide what runs. */
export interface SavedPlan {
  readonly files: readonly string[];
  readonly env: string | null;
  readonly merge: boolean;
  readonly vars: Readonly<Record<string, string>>;
  readonly options: PlanDocument['options'];
  readonly basis: PlanDocument['basis'];
  /** The image that was named on the command line; null: none. */
  readonly image: string | null;
}

/** Where a saved plan is to be applied. */
type PlannedFor = 'host' | NonNullable<PlanDocument['target']>['name'];

/**
 * Reads what `plan -o json` wrote. `given`: values of `--var` that it does not hold, because they are secret. Fails with USAGE when it is none, or when what it was made from cannot be
 * read again (standard input).
 */
export function readSavedPlan(
  path: string,
  target: PlannedFor,
  given: Readonly<Record<string, string>> = {},
): Result<SavedPlan, Failure> {
  if (!existsSync(path))
    return err(noSuchFile(path, resolve(path), 'stateward plan -o json > plan.json writes one'));
  const document = parse(path);
  if (document === null) {
    const hint = `ecosystem files are named with -f: stateward apply -f ${path}`;
    const plan = 'a saved plan is written with stateward plan -f FILE -o json > plan.json';
    return usage(`${path} is not a saved plan`, path.endsWith('.json') ? `${hint}; ${plan}` : hint);
  }
  const other = document.target?.name ?? 'host';
  if (other !== target) {
    const flag = other === 'host' ? '' : ` --target ${other}`;
    const place = other === 'host' ? 'this host' : other;
    return usage(`${path} is a plan for ${place}`, `stateward apply${flag} ${path}`);
  }
  const over = unique(document.projects.flatMap(({ source }) => source.over ?? []));
  const files = unique([...document.projects.flatMap(({ source }) => source.files), ...over]);
  if (files.length === 0 || files.includes('-')) {
    return usage(
      `${path} was made from standard input, which cannot be read again`,
      'plan from a file, or apply without a saved plan',
    );
  }
  const [env = null, ...others] = unique(document.projects.map(({ source }) => source.env));
  if (others.length > 0) return usage(`${path} mixes environments`, 'make one plan for each --env');
  const vars = varsOf(document, given);
  if (!vars.ok) return vars;
  // The hash of what the file contains, not the hash that it claims: a person has read the contents.
  const basis = { ...document.basis, shown: hashShown(document) };
  const image = document.target?.image ?? null;
  return ok({
    files,
    env,
    merge: over.length > 0,
    vars: vars.value,
    options: document.options,
    basis,
    image,
  });
}

/** What `plan` was given with `--var`; what it did not write down is given again. */
function varsOf(
  { projects }: PlanDocument,
  given: SavedPlan['vars'],
): Result<Readonly<Record<string, string>>, Failure> {
  const saved = Object.fromEntries(projects.flatMap(({ source }) => Object.entries(source.vars ?? {})));
  const secret = Object.keys(saved).filter((name) => saved[name] === REDACTED);
  const missing = secret.filter((name) => given[name] === undefined);
  const other = Object.keys(given).filter((name) => !secret.includes(name));
  if (missing.length > 0) {
    const again = missing.map((name) => `--var ${name}=VALUE`).join(' ');
    return usage(`the plan does not hold the value of ${missing.join(', ')}: it is a secret`, `add ${again}`);
  }
  if (other.length > 0) {
    const hint = 'leave --var out: only what is a secret has to be given again';
    return usage(`a saved plan says itself what ${other.join(', ')} is`, hint);
  }
  return ok({ ...saved, ...given });
}

function parse(path: string): PlanDocument | null {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return isPlan(value) ? value : null;
  } catch {
    return null;
  }
}

const isTexts = listOf(isText);

/** What is read of a plan here; there may be more in it. What else it says, the daemon compares with its own. */
const USED: Used = {
  kind: isOneOf('Plan'),
  formatVersion: isOneOf(1),
  projects: listOf(
    having({
      source: having({
        files: isTexts,
        env: nullable(isText),
        over: optional(isTexts),
        vars: optional(mapOf(isText)),
      }),
    }),
  ),
  options: having({
    prune: isFlag,
    only: nullable(isTexts),
    allowWipe: optional(isFlag),
    takeOver: optional(isFlag),
    withDependencies: optional(isFlag),
    reload: optional(isFlag),
  }),
  changes: listOf(having({})),
  summary: having({}),
  target: optional(having({ name: isOneOf(...OTHER_TARGETS), image: nullable(isText) })),
  basis: having({}),
};
const isUsable = having(USED);

type Used = Readonly<Record<string, Check>>;

/** An object with these fields, and perhaps others. */
function having(fields: Used): Check {
  return (value, path) => {
    if (!isObject(value)) return `${path} must be an object`;
    for (const [name, check] of Object.entries(fields)) {
      const problem = check(Object.hasOwn(value, name) ? value[name] : undefined, `${path}.${name}`);
      if (problem !== null) return problem;
    }
    return null;
  };
}

function isPlan(value: unknown): value is PlanDocument {
  return isUsable(value, 'plan') === null;
}

function usage(message: string, hint: string): Result<never, Failure> {
  return err({ code: 'USAGE', message, hint });
}

function unique<T>(values: readonly T[]): readonly T[] {
  return [...new Set(values)];
}
