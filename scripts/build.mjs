/**
 * Bundles the programs of the package into dist/, one CommonJS file each: a single file starts several times faster
 * than a tree of modules, and V8 can cache its code.
 */
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { chmod, copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { withRest } from './bundling/agent-rest.mjs';
import { buildDashboard } from './bundling/dashboard.mjs';
import { lazyRequires, OCLIF } from './bundling/lazy-requires.mjs';
import { plainReads, plainVerbs } from './bundling/plain-commands.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const { version } = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));

/** Built file -> entry. */
const programs = {
  bin: 'src/bin.ts',
  cli: 'src/cli/main.ts',
};
/** Those that run for as long as there are apps, or are started by such. */
const daemons = {
  daemon: 'src/daemon.ts',
  // Loaded by `daemon`.
  controller: 'src/controller/main.ts',
  runner: 'src/runner/main.ts',
  holder: 'src/holder/main.ts',
  serve: 'src/serve/main.ts',
  notify: 'src/notify/send/main.ts',
};
/** Preloaded into apps: it holds most of itself as a text. */
const preloads = { agent: 'src/agent/main.ts' };
/** What `import ... from 'stateward'` gives; scripts/build-types.mjs makes its types. Readable: it is in people's stacks. */
const libraries = { index: 'src/library/index.ts' };
/** Loaded when they are needed: ecosystem files by `cli`. They would make every start slower. */
const parts = {
  parsers: 'src/config/read/javascript/parsers.ts',
  // Loaded by `cli` when it has a screen to fill.
  monit: 'src/cli/monit/full-screen-monit.ts',
  // Loaded by `cli` when a client of the Model Context Protocol talks to it.
  mcp: 'src/cli/mcp/serve-mcp.ts',
  // Loaded by `cli` and `daemon` when something listens for browsers.
  web: 'src/web/web-listener.ts',
  // Loaded by `cli` when the image of a project is to be made.
  image: 'src/targets/image/choose-image.ts',
  // Loaded by `bin` at a Tab.
  complete: 'src/cli/completion/complete.ts',
};
/** Commands that answer plain lines without what they need for all others. */
const plain = {
  reads: 'src/cli/fast/plain/reads.ts',
  unchanged: 'src/cli/fast/unchanged/unchanged.ts',
};
const plainActs = { verbs: 'src/cli/fast/verbs/verbs.ts' };
/** Imports the user's file, with top-level await and all: the one program that needs a native import(). */
const importers = { evaluate: 'src/config/evaluate/main.ts' };

/** Stands in the programs until all of them are built, and what they are built of can be told. */
const BUILD_PLACE = '@build-of-stateward@';

const options = {
  absWorkingDir: root,
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  // The UMD form of jsonc-parser, its `main`, cannot be bundled.
  mainFields: ['module', 'main'],
  format: 'cjs',
  target: 'node20',
  minify: true,
  keepNames: true,
  legalComments: 'none',
  // @oclif/core would load it to read the tsconfig of a plugin written in TypeScript; it is nine tenths of the bundle.
  external: ['typescript'],
  define: {
    'process.env.STATEWARD_VERSION': JSON.stringify(version),
    'process.env.STATEWARD_BUILD': JSON.stringify(BUILD_PLACE),
  },
  plugins: [lazyRequires(OCLIF), ownFiles(parts), withoutAjv()],
  metafile: true,
  logLevel: 'warning',
};

await rm(`${root}/dist`, { recursive: true, force: true });
await mkdir(`${root}/dist`, { recursive: true });
// A native import() inside code that runs from a V8 code cache needs a flag that warns; require() does not.
const ofPlainRequires = { ...options, supported: { 'dynamic-import': false } };
const { metafile: ofPrograms } = await build({ ...ofPlainRequires, entryPoints: entryPoints(programs) });
// What stays is to be small: names cost a megabyte in each, for every function has its own then, and time whenever one is made.
const { metafile: ofDaemons } = await build({
  ...ofPlainRequires,
  entryPoints: entryPoints(daemons),
  keepNames: false,
});
// Names cost a start, and nobody sees any: what an app can see of it has the name of what it stands for.
const ofPreloads = { ...options, keepNames: false, supported: { 'dynamic-import': false } };
await build({ ...ofPreloads, entryPoints: entryPoints(preloads), define: await withRest(ofPreloads) });
const { metafile: ofLibraries } = await build({
  ...options,
  entryPoints: entryPoints(libraries),
  minify: false,
  // Nothing is renamed there.
  keepNames: false,
  supported: { 'dynamic-import': false },
});
const { metafile: ofParts } = await build({ ...options, entryPoints: entryPoints(parts) });
await build({
  ...options,
  entryPoints: entryPoints(plain),
  // What is thrown there is not shown to anybody.
  keepNames: false,
  supported: { 'dynamic-import': false },
  plugins: [plainReads()],
});
await build({
  ...ofPlainRequires,
  entryPoints: entryPoints(plainActs),
  keepNames: false,
  plugins: [plainVerbs()],
});
await build({ ...options, entryPoints: entryPoints(importers) });
const ofDashboard = await buildDashboard(root);
// The one program that is not JavaScript: it runs as it is.
await copyFile(`${root}/src/runner/terminal/terminal.pl`, `${root}/dist/terminal.pl`);
await writePages();
// What it is made of is in the command line already.
await writeFile(`${root}/dist/declare.cjs`, "require('./cli.cjs').declare(__dirname);\n");
await writeModule();
for (const name of ['cli', ...Object.keys({ ...plain, ...plainActs }), 'controller', 'runner']) {
  await escapeNonAscii(`${root}/dist/${name}.cjs`);
}
await identify(
  Object.keys({
    ...programs,
    ...daemons,
    ...preloads,
    ...libraries,
    ...parts,
    ...plain,
    ...plainActs,
    ...importers,
  }).map((name) => `${root}/dist/${name}.cjs`),
);
await chmod(`${root}/dist/bin.cjs`, 0o755);
await writeFile(
  `${root}/dist/THIRD-PARTY-LICENSES.txt`,
  await licences([ofPrograms, ofDaemons, ofLibraries, ofParts, ofDashboard]),
);

/** Writes what the commands say of themselves, for completion and the manual, which load none of them. */
async function writePages() {
  const { outputFiles } = await build({
    ...options,
    entryPoints: { pages: 'src/cli/pages/main.ts' },
    write: false,
    metafile: false,
  });
  const module = { exports: {} };
  new Function('module', 'exports', 'require', '__dirname', outputFiles[0].text)(
    module,
    module.exports,
    createRequire(import.meta.url),
    `${root}/dist`,
  );
  const { json, man } = await module.exports.builtPages(version);
  await writeFile(`${root}/dist/commands.json`, json);
  await writeFile(`${root}/dist/stateward.1`, man);
}

/** The library as an ECMAScript module: a view of the CommonJS file, so that there is only one of each thing in a process. */
async function writeModule() {
  const index = await readFile(`${root}/src/library/index.ts`, 'utf8');
  const names = [...index.matchAll(/^export \{ ([\w, ]+) \}/gm)].flatMap(([, list]) => list.split(', '));
  const text = `import library from './index.cjs';\nexport const { ${names.join(', ')} } = library;\n`;
  await writeFile(`${root}/dist/index.mjs`, text);
}

/**
 * Writes into the programs which build they are of: a hash over all of them, so that two builds of one version can be
 * told apart, and one build is the same wherever it was made.
 */
async function identify(files) {
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  const hash = createHash('sha256');
  for (const text of texts) hash.update(text);
  const build = hash.digest('hex').slice(0, 12);
  await Promise.all(
    files.map((file, index) => writeFile(file, (texts[index] ?? '').replaceAll(BUILD_PLACE, build))),
  );
}

/** Leaves the imports of some modules to the files that are built of them. */
function ownFiles(entries) {
  return {
    name: 'own-files',
    setup({ onResolve }) {
      for (const [out, entry] of Object.entries(entries)) {
        const name = entry.slice(entry.lastIndexOf('/') + 1).replace('.', '\\.');
        onResolve({ filter: new RegExp(`/${name}$`) }, ({ kind }) =>
          kind === 'entry-point' ? undefined : { path: `./${out}.cjs`, external: true },
        );
      }
    },
  };
}

/** The SDK of the Model Context Protocol checks forms that a server has people fill in with it; stateward sends none. */
function withoutAjv() {
  return {
    name: 'without-ajv',
    setup({ onLoad }) {
      onLoad({ filter: /@modelcontextprotocol\/sdk\/.*\/validation\/ajv-provider\.js$/ }, () => ({
        contents: 'export class AjvJsonSchemaValidator {}',
      }));
    },
  };
}

function entryPoints(entries) {
  return Object.entries(entries).map(([out, entry]) => ({ in: entry, out }));
}

/**
 * Escapes what esbuild leaves as it is: the characters inside of regular expressions. One of them makes V8 hold the
 * whole bundle in two bytes a character: a command is slower to start by a tenth, and a daemon holds a megabyte more.
 */
async function escapeNonAscii(file) {
  const text = await readFile(file, 'utf8');
  const escaped = text.replace(
    /[^\0-\x7f]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  await writeFile(file, escaped);
}

/** The licence texts of every package of which code is in a bundle. */
async function licences(metafiles) {
  const packages = new Set();
  for (const input of metafiles.flatMap(({ inputs }) => Object.keys(inputs))) {
    const match = /^node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) packages.add(match[1]);
  }
  const parts = await Promise.all([...packages].sort().map(licenceOf));
  return parts.join('\n\n');
}

async function licenceOf(name) {
  const dir = `${root}/node_modules/${name}`;
  const manifest = JSON.parse(await readFile(`${dir}/package.json`, 'utf8'));
  const head = `package: ${name} ${manifest.version} (${manifest.license})`;
  for (const file of [
    'LICENSE',
    'LICENSE.md',
    'LICENSE.txt',
    'license',
    'license.md',
    'LICENCE',
    'License.txt',
  ]) {
    const text = await readFile(`${dir}/${file}`, 'utf8').catch(() => undefined);
    if (text !== undefined) return `${head}\n\n${text.trim()}`;
  }
  return head;
}
