import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { closestNames } from '../../lib/nearest.ts';
import type { Labels } from './label-selector.ts';
import { isFilter, narrow } from './selector-filters.ts';
import { readPattern } from './selector-pattern.ts';

/** One app that a selector can mean. */
export interface CatalogueApp {
  readonly key: AppKey;
  readonly project: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  /** Its slots with the numbers that `get` shows. */
  readonly slots: readonly { readonly slot: number; readonly id: number }[];
}

/** What a selector means: an app (`slot` null), or one of its instances. */
export interface Target {
  readonly key: AppKey;
  readonly slot: number | null;
}

/**
 * What selectors mean, in the order of the catalogue and each target once. Tried in this order: `all`, `/regex/` (on the
 * name), `project/name`, exact name, namespace or project, `project/`, numeric id; each but `all`, regex and id may carry
 * `:slot`.
 *
 * `-l EXPRESSION` and `-n NAMESPACE` name nothing: they are looked at first, and the others mean only apps that pass (see
 * selector-filters.ts). Without others, every app that passes is meant.
 *
 * Fails with SELECTOR_AMBIGUOUS for a bare name that several projects have, for one of a project and of a namespace
 * of other apps, and for `all` where one of several apps is called so, SELECTOR_NOT_FOUND for what means nothing
 * (both name candidates), and USAGE for a pattern that is not a regular expression or could take too long.
 */
export function resolveSelectors(
  selectors: readonly string[],
  catalogue: readonly CatalogueApp[],
): Result<readonly Target[], Failure> {
  const filters = selectors.filter(isFilter);
  const words = selectors.filter((selector) => !isFilter(selector));
  const narrowed = filters.length === 0 ? ok(catalogue) : narrow(catalogue, filters);
  if (!narrowed.ok) return narrowed;
  if (words.length === 0 && filters.length > 0) return ok(wholeApps(narrowed.value));
  const found: Target[] = [];
  for (const word of words) {
    const targets = resolveOne(word, narrowed.value);
    if (!targets.ok)
      return filters.length === 0 ? targets : err(beyond(targets.error, { word, filters, catalogue }));
    found.push(...targets.value);
  }
  return ok(inOrder(found, catalogue));
}

/** What is there, and does not pass the filters, is not a slip of the finger. */
function beyond(
  failure: Failure,
  {
    word,
    filters,
    catalogue,
  }: {
    readonly word: string;
    readonly filters: readonly string[];
    readonly catalogue: readonly CatalogueApp[];
  },
): Failure {
  if (failure.code !== 'SELECTOR_NOT_FOUND' || !resolveOne(word, catalogue).ok) return failure;
  return {
    code: 'SELECTOR_NOT_FOUND',
    message: `cannot find an app for ${word} with ${filters.join(' ')}`,
    hint: `${word} is there, and does not pass ${filters.join(' ')}; stateward get --show-labels shows labels`,
  };
}

function resolveOne(
  selector: string,
  catalogue: readonly CatalogueApp[],
): Result<readonly Target[], Failure> {
  if (selector === 'all') return every(catalogue);
  if (selector.length > 1 && selector.startsWith('/') && selector.endsWith('/')) {
    return byPattern(selector, catalogue);
  }
  // An app may have a colon in its name, so the whole text is tried before its end is taken for a slot.
  const whole = byWords(selector, catalogue);
  if (whole !== null) return whole;
  const slotted = /^(.+):(\d{1,9})$/s.exec(selector);
  if (slotted !== null) {
    const apps = byWords(slotted[1] ?? '', catalogue);
    if (apps !== null) return apps.ok ? inSlot(selector, apps.value, Number(slotted[2]), catalogue) : apps;
  }
  return byId(selector, catalogue) ?? err(notFound(selector, catalogue));
}

/** Every app, unless one of several is called so: who says `delete all` may mean that one. */
function every(catalogue: readonly CatalogueApp[]): Result<readonly Target[], Failure> {
  const named = catalogue.find(({ name }) => name === 'all');
  if (named === undefined || catalogue.length === 1) return ok(wholeApps(catalogue));
  return err({
    code: 'SELECTOR_AMBIGUOUS',
    message: `cannot tell which all is meant: every app, or ${named.key}`,
    hint: `${named.key} is that app; /./ is every app`,
  });
}

/** `project/name`, exact name, namespace or project; null when it is none of them. */
function byWords(
  words: string,
  catalogue: readonly CatalogueApp[],
): Result<readonly Target[], Failure> | null {
  const exact = catalogue.filter(({ key }) => key === words);
  if (exact.length > 0) return ok(wholeApps(exact));
  const named = catalogue.filter(({ name }) => name === words);
  if (named.length > 1) return err(ambiguous(words, named));
  if (named.length > 0) return ok(wholeApps(named));
  const ofNamespace = catalogue.filter(({ namespace }) => namespace === words);
  const ofProject = catalogue.filter(({ project }) => project === words);
  const groups = [ofNamespace, ofProject].filter((apps) => apps.length > 0);
  const [group, other = group] = groups;
  if (group === undefined || other === undefined) return ofProjectNamed(words, catalogue);
  const isSame = group.length === other.length && group.every((app) => other.includes(app));
  return isSame ? ok(wholeApps(group)) : err(projectOrNamespace(words, ofNamespace, ofProject, catalogue));
}

/** `project/`: a project, whatever else is called so; null when there is none. */
function ofProjectNamed(
  words: string,
  catalogue: readonly CatalogueApp[],
): Result<readonly Target[], Failure> | null {
  const apps = words.endsWith('/') ? catalogue.filter(({ project }) => `${project}/` === words) : [];
  return apps.length > 0 ? ok(wholeApps(apps)) : null;
}

/** Every app is in the namespace `default` unless it says otherwise, and the project `default` is of few. */
function projectOrNamespace(
  words: string,
  ofNamespace: readonly CatalogueApp[],
  ofProject: readonly CatalogueApp[],
  catalogue: readonly CatalogueApp[],
): Failure {
  const [project, namespace] = [ofProject, ofNamespace].map((apps) => apps.map(({ key }) => key).join(', '));
  const rest = ofNamespace.length === catalogue.length ? 'all is every app' : 'others are named one by one';
  return {
    code: 'SELECTOR_AMBIGUOUS',
    message: `cannot tell which ${words} is meant: it is a project, and a namespace of other apps`,
    hint: `${words}/ is the project; ${rest}`,
    details: [`project: ${project ?? ''}`, `namespace: ${namespace ?? ''}`],
  };
}

function byPattern(selector: string, catalogue: readonly CatalogueApp[]): Result<readonly Target[], Failure> {
  const pattern = readPattern(selector);
  if (!pattern.ok) return pattern;
  const apps = catalogue.filter(({ name }) => pattern.value.test(name));
  return apps.length > 0 ? ok(wholeApps(apps)) : err(notFound(selector, catalogue));
}

function byId(
  selector: string,
  catalogue: readonly CatalogueApp[],
): Result<readonly Target[], Failure> | null {
  if (!/^\d{1,15}$/.test(selector)) return null;
  const id = Number(selector);
  for (const app of catalogue) {
    const slot = app.slots.find((one) => one.id === id);
    if (slot !== undefined) return ok([{ key: app.key, slot: slot.slot }]);
  }
  return null;
}

function inSlot(
  selector: string,
  apps: readonly Target[],
  slot: number,
  catalogue: readonly CatalogueApp[],
): Result<readonly Target[], Failure> {
  const having = apps.filter(({ key }) =>
    catalogue.some((app) => app.key === key && app.slots.some((one) => one.slot === slot)),
  );
  if (having.length > 0) return ok(having.map(({ key }) => ({ key, slot })));
  return err({
    code: 'SELECTOR_NOT_FOUND',
    message: `cannot find ${selector}: there is no slot ${slot}`,
    hint: 'stateward get -o wide shows every slot',
  });
}

function wholeApps(apps: readonly CatalogueApp[]): readonly Target[] {
  return apps.map(({ key }) => ({ key, slot: null }));
}

/** An app that is meant as a whole covers its slots. */
function inOrder(targets: readonly Target[], catalogue: readonly CatalogueApp[]): readonly Target[] {
  const slotsOf = new Map<AppKey, Set<number> | null>();
  for (const { key, slot } of targets) {
    const slots = slotsOf.get(key);
    if (slot === null || slots === null) slotsOf.set(key, null);
    else slotsOf.set(key, new Set([...(slots ?? []), slot]));
  }
  return catalogue.flatMap(({ key }): readonly Target[] => {
    const slots = slotsOf.get(key);
    if (slots === undefined) return [];
    if (slots === null) return [{ key, slot: null }];
    return [...slots].sort((a, b) => a - b).map((slot) => ({ key, slot }));
  });
}

function ambiguous(name: string, apps: readonly CatalogueApp[]): Failure {
  const candidates = apps.map(({ key }) => key);
  return {
    code: 'SELECTOR_AMBIGUOUS',
    message: `cannot tell which ${name} is meant: ${candidates.length} projects have one`,
    hint: `name the project too: ${candidates[0] ?? ''}`,
    details: candidates,
  };
}

function notFound(selector: string, catalogue: readonly CatalogueApp[]): Failure {
  const known = catalogue.flatMap(({ project, name, namespace }) => [
    name,
    namespace,
    project,
    ...(selector.includes('/') ? [appKey(project, name)] : []),
  ]);
  const close = closestNames(selector, known);
  return {
    code: 'SELECTOR_NOT_FOUND',
    message: `cannot find an app for ${selector}`,
    hint: close.length > 0 ? `did you mean ${close.join(' or ')}?` : 'stateward get shows what there is',
  };
}
