import { labelFilter, namespaceFilter } from '../../../api/contract/selector-filters.ts';

/** The filters of `selectionFlags` as selectors, behind the words that name apps. */
export function selectionWords(flags: Readonly<Record<string, unknown>>): readonly string[] {
  return [
    ...textsOf(flags['selector']).map(labelFilter),
    ...textsOf(flags['namespace']).map(namespaceFilter),
  ];
}

/** Of a flag that can be repeated; one that cannot is a setting of an app. */
function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
