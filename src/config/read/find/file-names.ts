export type FileFormat = 'yaml' | 'json' | 'javascript';

const FORMATS: Readonly<Record<string, FileFormat>> = {
  yaml: 'yaml',
  yml: 'yaml',
  json: 'json',
  jsonc: 'json',
  json5: 'json',
  js: 'javascript',
  cjs: 'javascript',
  mjs: 'javascript',
  ts: 'javascript',
  cts: 'javascript',
  mts: 'javascript',
};

/** What a declaration is called: ecosystem.yaml, ecosystem.config.js, pm2.config.cjs, process.json ... */
const STEMS = ['ecosystem', 'ecosystem.config', 'pm2.config', 'pm2', 'process', 'process.config'] as const;

/** Names that a folder is searched for, the preferred ones first. */
export const FILE_NAMES: readonly string[] = STEMS.flatMap((stem) =>
  Object.keys(FORMATS)
    // `process.js` and the like are programs as often as not.
    .filter((extension) => stem !== 'process' || FORMATS[extension] !== 'javascript')
    .map((extension) => `${stem}.${extension}`),
);

/** Some of them, for people: the forms that are most often met. */
export const SHOWN_NAMES =
  'ecosystem.yaml, .json, ecosystem.config.js, .cjs, .mjs, .ts, pm2.config.js, pm2.json, process.json';

const NAMES: ReadonlySet<string> = new Set(FILE_NAMES);

/** The format that the ending of a name stands for, or null. */
export function formatOf(name: string): FileFormat | null {
  const extension = /\.([^./]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return Object.hasOwn(FORMATS, extension) ? (FORMATS[extension] ?? null) : null;
}

/** Whether PM2 may have read a file before: what is JavaScript or JSON. */
export function mayBeOfPm2(file: string): boolean {
  return /\.(?:[cm]?[jt]s|json)$/.test(file);
}

/** Whether a file of this name is one that a folder is searched for. */
export function isDeclarationName(name: string): boolean {
  return NAMES.has(name);
}

/**
 * Whether a path has the name of an ecosystem file and not of a script: by its ending, as PM2 tells them, and always when
 * it is called ecosystem.*, which nobody calls a program.
 */
export function isEcosystemName(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return (
    /\.(?:ya?ml|json[c5]?|config\.[cm]?[jt]s)$/.test(name) ||
    /^ecosystem\.[^/]+$/.test(name) ||
    NAMES.has(name)
  );
}
