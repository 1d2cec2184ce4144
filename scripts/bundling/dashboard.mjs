import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { build } from 'esbuild';

const UPLOT = 'node_modules/uplot/dist/uPlot.iife.min.js';

/**
 * Builds the dashboard into dist/web: a page, and files in assets/ whose names hold a hash of what is in them, so that
 * browsers may keep them. Gives what they are made of.
 */
export async function buildDashboard(root) {
  const charts = await writeCharts(root);
  const { metafile } = await build({
    absWorkingDir: root,
    outdir: 'dist/web',
    entryPoints: {
      main: 'src/dashboard/main.tsx',
      style: 'src/dashboard/styles/main.css',
      icon: 'src/dashboard/icon.svg',
    },
    entryNames: 'assets/[name]-[hash]',
    loader: { '.svg': 'copy' },
    bundle: true,
    platform: 'browser',
    format: 'esm',
    target: ['es2022', 'chrome110', 'firefox115', 'safari16.4'],
    minify: true,
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    metafile: true,
    plugins: [onlyUnits(), fromFile('uplot', charts)],
    logLevel: 'warning',
  });
  const built = (entry) =>
    basename(
      Object.entries(metafile.outputs).find(
        ([, { entryPoint, inputs }]) => entryPoint === entry || Object.keys(inputs).join() === entry,
      )[0],
    );
  const page = await readFile(`${root}/src/dashboard/index.html`, 'utf8');
  const named = page
    .replace('@script@', built('src/dashboard/main.tsx'))
    .replace('@style@', built('src/dashboard/styles/main.css'))
    .replace('@icon@', built('src/dashboard/icon.svg'));
  // Lines that only people read are not sent.
  await writeFile(`${root}/dist/web/index.html`, named.replace(/\n\s+/g, '\n'));
  return { ...metafile, inputs: { ...metafile.inputs, [UPLOT]: {} } };
}

/** uPlot, which comes when a chart does: as its authors have minified it, which is the smallest. Gives the name of the file. */
async function writeCharts(root) {
  const minified = await readFile(`${root}/${UPLOT}`, 'utf8');
  const text = `${minified.replace(/^\/\*.*?\*\/\s*/s, '')};export default uPlot;`;
  const hash = createHash('sha256').update(text).digest('hex').slice(0, 8).toUpperCase();
  await mkdir(`${root}/dist/web/assets`, { recursive: true });
  await writeFile(`${root}/dist/web/assets/uplot-${hash}.js`, text);
  return `./uplot-${hash}.js`;
}

/** A package that is asked for as a file beside the one that asks. */
function fromFile(name, path) {
  return {
    name: 'from-file',
    setup({ onResolve }) {
      onResolve({ filter: new RegExp(`^${name}$`) }, () => ({ path, external: true }));
    },
  };
}

/** Of all that is said of the fields of an app, a browser needs which of them are amounts of what. */
function onlyUnits() {
  return {
    name: 'only-units',
    setup({ onLoad }) {
      onLoad({ filter: /\/spec\/generated\/fields\.ts$/ }, async ({ path }) => {
        const { outputFiles } = await build({
          entryPoints: [path],
          bundle: true,
          format: 'cjs',
          write: false,
        });
        const module = { exports: {} };
        new Function('module', 'exports', outputFiles[0].text)(module, module.exports);
        const { APP_FIELDS } = module.exports;
        const units = Object.entries(APP_FIELDS).flatMap(([field, { unit }]) =>
          unit === 'bytes' || unit === 'duration' ? [[field, { unit }]] : [],
        );
        return { contents: `export const APP_FIELDS = ${JSON.stringify(Object.fromEntries(units))}` };
      });
    },
  };
}
