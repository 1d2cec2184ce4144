import type { Imported } from '../../../src/import/model/imported.ts';
import { renderEcosystemFile } from '../../../src/import/render/ecosystem-file.ts';

/** What would be written, each app with secrets naming one file for them. */
export function rendered({ apps, root, head }: Imported): string {
  return renderEcosystemFile({
    schema: './schema.json',
    head,
    root: { project: 'shop', ...root },
    apps: apps.map((app) => ({
      ...app,
      secretsFile: Object.keys(app.secrets).length === 0 ? null : `.env.stateward.${app.name}`,
    })),
  });
}
