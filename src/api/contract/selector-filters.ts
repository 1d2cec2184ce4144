import { closestNames } from '../../lib/nearest.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import { meets, parseLabels, type LabelRequirement, type Labels } from './label-selector.ts';

/** What filters look at in an app. */
export interface Filterable {
  readonly namespace: string;
  readonly labels: Labels;
}

/** A filter among selectors, as it is typed: `-l tier=web`, `-n billing`. No app can be called so. */
const FILTER = /^-([ln]) (.*)$/s;

/** More values of a label, or namespaces, than these are not listed. */
const LISTED = 8;

/** `-l EXPRESSION`: only apps with such labels. */
export function labelFilter(expression: string): string {
  return `-l ${expression}`;
}

/** `-n NAMESPACE`: only apps of this namespace; several: of any of them. */
export function namespaceFilter(namespace: string): string {
  return `-n ${namespace}`;
}

/** Whether a selector narrows what the others name, instead of naming apps. */
export function isFilter(selector: string): boolean {
  return FILTER.test(selector);
}

/**
 * The apps that pass every filter, in their order. Fails with USAGE for an expression that is none, and with
 * SELECTOR_NOT_FOUND, naming what was meant, when no app passes.
 */
export function narrow<T extends Filterable>(
  apps: readonly T[],
  filters: readonly string[],
): Result<readonly T[], Failure> {
  const read = filters
    .map((filter) => FILTER.exec(filter))
    .flatMap((match) => (match === null ? [] : [match]));
  const namespaces = read.flatMap(([, kind, text = '']) => (kind === 'n' ? [text] : []));
  const inNamespace =
    namespaces.length === 0 ? apps : apps.filter((app) => namespaces.includes(app.namespace));
  if (inNamespace.length === 0) return err(noNamespace(namespaces, apps));
  let left = inNamespace;
  for (const [, kind, expression = ''] of read) {
    if (kind !== 'l') continue;
    const requirements = parseLabels(expression);
    if (!requirements.ok) return err(noExpression(expression, requirements.error));
    const before = left;
    left = left.filter(({ labels }) => requirements.value.every((one) => meets(labels, one)));
    if (left.length === 0) return err(noLabels(requirements.value, before, filters));
  }
  return ok(left);
}

function noExpression(expression: string, part: string): Failure {
  return {
    code: 'USAGE',
    message: `cannot use the label selector ${JSON.stringify(expression)}: ${JSON.stringify(part)} is no condition`,
    hint: "write tier=web, env!=dev, 'env in (a,b)', 'env notin (a,b)', tier or '!tier', joined by commas",
  };
}

function noNamespace(wanted: readonly string[], apps: readonly Filterable[]): Failure {
  const known = [...new Set(apps.map(({ namespace }) => namespace))].sort();
  const close = wanted.flatMap((namespace) => closestNames(namespace, known));
  return notFound(
    wanted.map(namespaceFilter),
    close.length > 0 ? close.map(namespaceFilter) : null,
    `the namespaces here are ${listed(known)}`,
  );
}

function noLabels(
  requirements: readonly LabelRequirement[],
  apps: readonly Filterable[],
  filters: readonly string[],
): Failure {
  const failing = requirements.find((one) => !apps.some(({ labels }) => meets(labels, one)));
  if (failing === undefined)
    return notFound(filters, null, 'each condition holds for some app, and for none all do');
  const keys = [...new Set(apps.flatMap(({ labels }) => Object.keys(labels)))].sort();
  const { key } = failing;
  if (!keys.includes(key)) {
    const close = closestNames(key, keys);
    const known = keys.length === 0 ? 'no app here has labels' : `the labels here are ${listed(keys)}`;
    return notFound(filters, close.length > 0 ? close : null, known);
  }
  const values = apps.flatMap(({ labels }) => (Object.hasOwn(labels, key) ? [labels[key] ?? ''] : []));
  const known = [...new Set(values)].sort();
  const wanted = 'values' in failing && failing.kind === 'in' ? failing.values : [];
  const close = [...new Set(wanted.flatMap((value) => closestNames(value, known)))];
  return notFound(
    filters,
    close.length > 0 ? close.map((value) => `${key}=${value}`) : null,
    `${key} is ${listed(known)} here`,
  );
}

function notFound(filters: readonly string[], meant: readonly string[] | null, otherwise: string): Failure {
  return {
    code: 'SELECTOR_NOT_FOUND',
    message: `cannot find an app for ${filters.join(' ')}`,
    hint: meant === null ? otherwise : `did you mean ${meant.join(' or ')}?`,
  };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).map((name) => (name === '' ? '""' : name));
  const more = names.length - shown.length;
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '');
}
