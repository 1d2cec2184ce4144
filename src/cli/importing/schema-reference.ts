import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const INSTALLED = 'node_modules/stateward/schema/ecosystem.schema.json';
const ONLINE = 'https://stateward.dev/schema/ecosystem.schema.json';

/** Where the editor of a file in `folder` finds the schema: where the package is installed, else its address. */
export function schemaReference(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    const path = join(at, INSTALLED);
    if (existsSync(path)) {
      const inner = relative(folder, path);
      return inner.startsWith('.') ? inner : `./${inner}`;
    }
    if (at === dirname(at)) return ONLINE;
  }
}
