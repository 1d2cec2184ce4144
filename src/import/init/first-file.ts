import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { Imported, ImportedApp } from '../model/imported.ts';
import { splitSecrets } from '../model/secrets.ts';
import { validName } from '../model/unique-names.ts';
import { importProcfile } from '../procfile/procfile.ts';
import type { Folder, Runnable } from './folder.ts';
import { nodePackage } from './node-package.ts';
import { otherLanguage } from './other-languages.ts';

/** A first file for a folder, and what it was made of. */
export interface FirstFile {
  readonly imported: Imported;
  readonly from: string;
}

const HEAD = [
  'What a file can say: stateward explain apps. What it would do: stateward plan. Do it: stateward apply.',
];

/** A first ecosystem file for what is in a folder; with an app to be replaced where nothing is recognised. */
export function firstFile(folder: Folder): Result<FirstFile, readonly Failure[]> {
  const procfile = folder.read('Procfile');
  if (procfile !== null) {
    const envFile = folder.isFile('.env') ? '.env' : null;
    const imported = importProcfile('Procfile', procfile, envFile);
    if (!imported.ok) return imported;
    const apps = imported.value.apps.map((app) => ({
      ...app,
      suggestions: suggestions(app.fields, isNodeApp(app)),
    }));
    return ok({ imported: { ...imported.value, apps, head: HEAD }, from: 'the Procfile of this folder' });
  }
  const node = nodePackage(folder);
  if (node === 'broken') {
    const hint = 'mend it, or write the file by hand: stateward explain apps';
    return err([
      {
        code: 'CONFIG_SYNTAX',
        message: 'package.json is not a JSON object',
        hint,
        position: { file: 'package.json' },
      },
    ]);
  }
  const found = node ?? otherLanguage(folder);
  if (found !== null) return ok({ imported: one(appOf(found, folder)), from: 'what is in this folder' });
  const app: ImportedApp = {
    name: 'app',
    fields: { script: 'echo "replace this" && sleep 3600', shell: true },
    notes: [{ kind: 'advice', field: null, text: 'nothing here says what to run: write it as script' }],
    secrets: {},
    suggestions: suggestions({}, false),
  };
  return ok({ imported: one(app), from: 'a folder that does not say what it runs' });
}

function one(app: ImportedApp): Imported {
  return { apps: [app], root: {}, head: HEAD, warnings: [] };
}

function appOf(found: Runnable, folder: Folder): ImportedApp {
  const { env, secrets } = splitSecrets(found.env);
  const hasEnvFile = folder.isFile('.env');
  const fields = {
    ...found.fields,
    ...(hasEnvFile && { env_file: '.env' }),
    ...(Object.keys(env).length > 0 && { env }),
  };
  const notes = [found.seen, ...(found.note === null ? [] : [found.note])].map(
    (text) => ({ kind: 'advice', field: 'script', text }) as const,
  );
  return {
    name: validName(found.name),
    fields,
    notes,
    secrets,
    suggestions: suggestions(fields, found.isNode),
  };
}

function isNodeApp({ fields }: ImportedApp): boolean {
  return /\.[cm]?js$/.test(String(fields['script'])) || fields['interpreter'] === 'node';
}

/** The keys that people need next, commented out. */
function suggestions(fields: Readonly<Record<string, unknown>>, isNode: boolean): readonly string[] {
  const has = (key: string): boolean => fields[key] !== undefined;
  return [
    ...(isNode
      ? [
          'exec_mode: cluster    # instances share the port, and are replaced without a gap',
          'instances: 2          # or max: one per processor',
        ]
      : []),
    ...(has('env')
      ? []
      : ['env: { NODE_ENV: production, PORT: 3000 }'].map((line) => (isNode ? line : 'env: { PORT: 8000 }'))),
    ...(has('env_file') ? [] : ['env_file: .env        # KEY=value lines, for secrets']),
    'readiness: { http: { port: 3000, path: / } }   # a new process serves before an old one goes',
    'max_memory_restart: 300M',
    'depends_on: [db]      # names of other apps here; each is ready first',
    'cron_restart: "0 4 * * *"   # or schedule: "0 4 * * *" for a job that ends by itself',
  ];
}
