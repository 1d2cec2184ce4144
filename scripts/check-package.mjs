/**
 * What is shipped must install and run on the lowest Node that we promise: no dependency with an install script, none
 * that asks for a newer Node, and nothing in the package but what it needs.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const FLOOR = [20, 19, 0];
const MAX_PACKED_BYTES = 1_500_000;
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

for (const problem of problems) console.error(`check-package: ${problem}`);
console.log(
  `${metaPackages.length} bundled packages, ${packed.files.length} files, ${packed.size} bytes packed`,
);
process.exit(problems.length === 0 ? 0 : 1);

/** The packages of which code is in dist/, as the build wrote them down. */
function bundledPackages() {
  const text = readFileSync(`${root}/dist/THIRD-PARTY-LICENSES.txt`, 'utf8');
  return [...text.matchAll(/^package: (\S+) /gm)].map((match) => match[1]);
}

function expected(path) {
  return /^(dist\/[\w.-]+|docs\/(?:reference\/)?[\w-]+\.md|schema\/[\w.-]+\.json|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/.test(
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
