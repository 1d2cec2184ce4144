import { labelFilter, namespaceFilter } from '../api/contract/selector-filters.ts';

/**
 * Which apps are meant: a selector as on the command line (`all`, `name`, `project/name`, `name:slot`, id, `/regex/`,
 * namespace, project), several of them, or what narrows them. No selector in an object: every app that passes.
 */
export type Selection =
  | string
  | readonly string[]
  | {
      readonly apps?: string | readonly string[];
      /** `tier=web,env!=dev`, as kubectl has it. */
      readonly labels?: string;
      /** One namespace, or any of several. */
      readonly namespace?: string | readonly string[];
    };

/** A selection as the selectors of the API; none: every app. */
export function selectorsOf(selection: Selection | undefined): readonly string[] {
  if (selection === undefined) return [];
  if (typeof selection === 'string') return [selection];
  if (isList(selection)) return selection;
  const { apps = [], labels, namespace = [] } = selection;
  return [
    ...listOf(apps),
    ...(labels === undefined ? [] : [labelFilter(labels)]),
    ...listOf(namespace).map(namespaceFilter),
  ];
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}
