import { renderJson } from '../views/json.ts';
import { renderYaml } from '../views/yaml.ts';

/** A list of declared items in the form that was asked for; `table`: what people read. */
export async function itemListText(
  list: { readonly items: readonly { readonly name: string }[] },
  output: 'table' | 'wide' | 'json' | 'yaml' | 'name',
  table: () => string,
): Promise<string> {
  switch (output) {
    case 'json':
      return renderJson(list);
    case 'yaml':
      return renderYaml(list);
    case 'name':
      return list.items.map(({ name }) => `${name}\n`).join('');
    case 'table':
    case 'wide':
      return table();
  }
}
