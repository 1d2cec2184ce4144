import { renderJson } from '../views/json.ts';
import { renderYaml } from '../views/yaml.ts';

/**
 * A list of declared items in the form that was asked for; `table`: what people read. `nameOf`: what a
 * command calls an item by.
 */
export async function itemListText<T extends { readonly name: string }>(
  list: { readonly items: readonly T[] },
  output: 'table' | 'wide' | 'json' | 'yaml' | 'name',
  table: () => string,
  nameOf = ({ name }: T): string => name,
): Promise<string> {
  switch (output) {
    case 'json':
      return renderJson(list);
    case 'yaml':
      return renderYaml(list);
    case 'name':
      return list.items.map((item) => `${nameOf(item)}\n`).join('');
    case 'table':
    case 'wide':
      return table();
  }
}
