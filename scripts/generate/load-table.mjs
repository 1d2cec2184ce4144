import { build } from 'esbuild';

/** The exports of a TypeScript file that holds a table and does nothing. */
export async function loadTable(file) {
  const { outputFiles } = await build({ entryPoints: [file], bundle: true, format: 'esm', write: false });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}
