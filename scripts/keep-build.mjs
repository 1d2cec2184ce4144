/**
 * Keeps the build of this checkout as the one of "a version before", for the tests of versions that meet: old command
 * and new daemon, old controller and new runner, and upgrades between them. To be run, from a clean build, before a
 * change of what they say to each other.
 *
 *   npm run build && node scripts/keep-build.mjs
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const MAX_BYTES = 1_500_000;
const root = fileURLToPath(new URL('..', import.meta.url));
const archive = 'test/support/fixtures/previous-build/build.tar.gz';
const { version } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8'));

execFileSync(
  'tar',
  [
    ...['--sort=name', '--owner=0', '--group=0', '--numeric-owner', '--mtime=@0'],
    ...['--exclude=THIRD-PARTY-LICENSES.txt', '-czf', archive],
    ...['package.json', 'dist', 'schema'],
  ],
  { cwd: root, stdio: 'inherit' },
);
const { size } = statSync(`${root}/${archive}`);
if (size > MAX_BYTES) throw new Error(`${archive} has ${size} bytes: that is too much for a repository`);
console.log(`${archive}: stateward ${version}, ${size} bytes`);
