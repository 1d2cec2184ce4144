import type { KubernetesApp } from './settings.ts';
import { error, type Finding } from '../model/rendered.ts';

/** Longest name of a CronJob, whose jobs append 11 characters to it; every other name of ours is no longer either. */
const NAME_LENGTH = 52;
/** RFC 1123: a label of DNS, which names of Services and so of apps have to be. */
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
/** Kubernetes, "Labels and Selectors": values are empty or at most 63 of these. */
const LABEL_VALUE = /^(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?$/;
const LABEL_NAME = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** Whether a namespace can be called so: a label of DNS. */
export function isNamespace(text: string): boolean {
  return text.length <= 63 && DNS_LABEL.test(text);
}

/** The name of an app as a label of DNS: small letters, other characters as dashes. Empty where nothing is left of it. */
export function objectName(name: string): string {
  const dashed = name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return dashed.slice(0, NAME_LENGTH).replace(/^-+|-+$/g, '');
}

/** Whether an app gets a name that is none. */
export function nameFindings({ name }: Pick<KubernetesApp, 'name'>): readonly Finding[] {
  return DNS_LABEL.test(name)
    ? []
    : [error('name', 'no letter or digit of the name can be part of a name there')];
}

/** Who an object belongs to, for its owner and for selectors. Selectors take `name` and `part-of` alone. */
export function ownLabels(app: KubernetesApp): Readonly<Record<string, string>> {
  return { ...selectorLabels(app), 'app.kubernetes.io/managed-by': 'stateward' };
}

export function selectorLabels({ name, project }: KubernetesApp): Readonly<Record<string, string>> {
  return { 'app.kubernetes.io/name': name, 'app.kubernetes.io/part-of': labelValue(project) };
}

/** A text as the value of a label: what may not be in one as a dash, 63 characters at most. */
export function labelValue(text: string): string {
  return text
    .replace(/[^A-Za-z0-9_.-]/g, '-')
    .slice(0, 63)
    .replace(/^[-_.]+|[-_.]+$/g, '');
}

/** Labels of the file that can be labels there, and those that cannot, which become annotations. */
export function declaredLabels(labels: Readonly<Record<string, string>>): {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
} {
  const entries = Object.entries(labels).filter(([key]) => LABEL_NAME.test(key));
  return {
    labels: Object.fromEntries(entries.filter(([, value]) => LABEL_VALUE.test(value))),
    annotations: Object.fromEntries(entries.filter(([, value]) => !LABEL_VALUE.test(value))),
  };
}

/** Keys of labels that can be neither there. */
export function lostLabels(labels: Readonly<Record<string, string>>): readonly string[] {
  return Object.keys(labels).filter((key) => !LABEL_NAME.test(key));
}
