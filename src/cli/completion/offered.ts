import type { AppList } from '../../api/contract/wire/apps.ts';

/** Names of the actions that the apps among `words` offer; where none of them is named, those of all. */
export function offered(list: AppList | null, words: readonly string[]): readonly string[] {
  const items = list?.items ?? [];
  const isNamed = ({ project, name }: AppList['items'][number]): boolean =>
    words.some((word) => [name, `${project}/${name}`].includes(word.replace(/:\d+$/, '')));
  const named = items.filter(isNamed);
  const of = named.length > 0 ? named : items;
  const names = of.flatMap(({ status }) => status.instances.flatMap(({ actions = [] }) => actions));
  return [...new Set(names.map(({ name }) => name))].toSorted();
}
