/**
 * What is shipped must install and run on the lowest Node that we promise: no dependency with an install script, none
 * that asks for a newer Node, and nothing in the package but what it needs.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const FLOOR = [20, 19, 0];
// The dashboard is 60 kB of it; what is built twice, so that plain command lines load little.
const MAX_PACKED_BYTES = 2_200_000;
const problems = [];

const metaPackages = bundledPackages();
const lock = JSON.parse(readFileSync(`${root}/package-lock.json`, 'utf8'));
for (const name of metaPackages) {
  const entry = lock.packages[`node_modules/${name}`];
  if (entry === undefined) problems.push(`${name} is bundled but not in package-lock.json`);
  else if (entry.hasInstallScript) problems.push(`${name} has an install script`);
  else if (!allowsFloor(entry.engines?.node)) problems.push(`${name} needs node ${entry.engines.node}`);
}

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root, encoding: 'utf8' }),
);
if (packed.size > MAX_PACKED_BYTES)
  problems.push(`the package is ${packed.size} bytes, ${MAX_PACKED_BYTES} are allowed`);
const stray = packed.files.map(({ path }) => path).filter((path) => !expected(path));
if (stray.length > 0) problems.push(`not to be shipped: ${stray.join(', ')}`);

const tools = mkdtempSync(join(tmpdir(), 'stw-package-'));
try {
  execFileSync('npm', ['pack', '--ignore-scripts', '--pack-destination', tools], {
    cwd: root,
    stdio: 'ignore',
  });
  const tarball = join(tools, readdirSync(tools)[0]);
  // How others resolve the library and its types, by every way of importing.
  for (const [tool, ...args] of [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--exclude-entrypoints', './schema/*', './package.json'],
  ]) {
    const { status, stdout, stderr } = spawnSync('npx', ['--no-install', tool, ...args], {
      cwd: root,
      encoding: 'utf8',
    });
    if (status !== 0) problems.push(`${tool}: ${stdout}${stderr}`);
  }
  checkConsumers(tarball);
} finally {
  rmSync(tools, { recursive: true, force: true });
}

for (const problem of problems) console.error(`check-package: ${problem}`);
console.log(
  `${metaPackages.length} bundled packages, ${packed.files.length} files, ${packed.size} bytes packed`,
);
process.exit(problems.length === 0 ? 0 : 1);

/** Compiles programs that use the packed library, strictly and without a look at our sources, and runs them. */
function checkConsumers(tarball) {
  const modules = join(tools, 'node_modules');
  mkdirSync(join(modules, 'stateward'), { recursive: true });
  execFileSync('tar', ['-xzf', tarball, '-C', join(modules, 'stateward'), '--strip-components=1']);
  for (const name of ['@types', 'undici-types'])
    symlinkSync(`${root}/node_modules/${name}`, join(modules, name));
  cpSync(`${root}/test/library/consumer`, join(tools, 'consumer'), { recursive: true });
  writeFileSync(join(tools, 'package.json'), '{ "private": true }');
  const compilerOptions = {
    ...{
      strict: true,
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      skipLibCheck: false,
    },
    ...{
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2023'],
      types: ['node'],
      outDir: 'out',
      rootDir: 'consumer',
    },
  };
  writeFileSync(join(tools, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['consumer'] }));
  const run = (what, file, ...args) => {
    const { status, stdout, stderr } = spawnSync(file, args, { cwd: tools, encoding: 'utf8' });
    if (status !== 0) problems.push(`${what}: ${stdout}${stderr}`);
    return status === 0;
  };
  if (!run('types of the library', `${root}/node_modules/.bin/tsc`, '-p', '.')) return;
  run('the library as a module', process.execPath, 'out/esm.mjs');
  run('the library from CommonJS', process.execPath, 'out/cjs.cjs');
}

/** The packages of which code is in dist/, as the build wrote them down. */
function bundledPackages() {
  const text = readFileSync(`${root}/dist/THIRD-PARTY-LICENSES.txt`, 'utf8');
  return [...text.matchAll(/^package: (\S+) /gm)].map((match) => match[1]);
}

function expected(path) {
  return /^(dist\/(?:web\/(?:assets\/)?)?[\w.-]+|docs\/(?:reference\/)?[\w-]+\.md|docs\/metrics\/[\w-]+\.(?:yaml|json)|schema\/[\w.-]+\.json|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
    path,
  );
}

/** Whether a range of `engines.node` lets the lowest promised Node in; understands `>=a.b.c`, `^a.b.c`, `a || b`, `*`. */
function allowsFloor(range) {
  if (range === undefined || range === '*') return true;
  return range.split('||').some((part) => {
    const match = /^\s*(>=|\^|~)?\s*v?(\d+)(?:\.(\d+|x))?(?:\.(\d+|x))?/.exec(part);
    if (match === null) return false;
    const [, operator = '', ...numbers] = match;
    const low = numbers.map((number) => (number === undefined || number === 'x' ? 0 : Number(number)));
    if (operator === '^' && low[0] !== FLOOR[0]) return false;
    if (operator === '' && low[0] !== FLOOR[0]) return false;
    return low.reduce((sum, n) => sum * 1000 + n, 0) <= FLOOR.reduce((sum, n) => sum * 1000 + n, 0);
  });
}
