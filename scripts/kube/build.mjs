/**
 * Builds the programs of a Kubernetes control plane and a node, once, from the source package of Debian 12 (`kubernetes` 1.20.2: a whole
 * tree with its dependencies) and Debian's Go 1.19. Installs nothing. About 6 minutes on two idle cores, 4 GB while it builds.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { isProgram, KUBE_FOLDER, KUBE_PROGRAMS } from './programs.mjs';

const RELEASE = '1.20.2';
const SOURCE = `kubernetes_1.20.5+really${RELEASE}.orig.tar.gz`;
const SHA256 = 'b83c0780efb182d928dc63d46488a847f161f04e40a94b96bf5247dd671ecdfc';
const MODULE = 'k8s.io/kubernetes';

/** Gives why it could not be built, in one line, or null. */
export function buildPrograms() {
  const wanted = KUBE_PROGRAMS.filter((name) => !isProgram(join(KUBE_FOLDER, name)));
  if (wanted.length === 0) return null;
  // A folder of one's own to build in may be kept: what is compiled there is not compiled twice.
  const kept = process.env.STATEWARD_KUBE_WORK;
  const work = kept ?? mkdtempSync(join(tmpdir(), 'stw-kube-build-'));
  try {
    mkdirSync(KUBE_FOLDER, { recursive: true });
    const go = fetchGo(work);
    const tree = fetchSource(work);
    const env = {
      ...process.env,
      ...{ GOROOT: go, GOPATH: join(work, 'gopath'), GOCACHE: join(work, 'cache') },
      ...{ GO111MODULE: 'off', GOPROXY: 'off', GOFLAGS: '', CGO_ENABLED: '0' },
      PATH: `${join(go, 'bin')}:${process.env.PATH}`,
    };
    const run = (program, args) => execFileSync(program, args, { cwd: tree, env, stdio: 'inherit' });
    generateOpenApi(run, tree, work);
    for (const name of wanted) {
      console.log(`building ${name} ${RELEASE}`);
      const file = join(KUBE_FOLDER, `.${name}`);
      run('go', ['build', '-trimpath', '-ldflags', linkFlags(), '-o', file, `./cmd/${name}`]);
      renameSync(file, join(KUBE_FOLDER, name));
    }
    return null;
  } catch (error) {
    return error instanceof Error ? error.message.split('\n')[0] : String(error);
  } finally {
    if (kept === undefined) rmSync(work, { recursive: true, force: true });
  }
}

/** Go as two packages have it, unpacked. */
function fetchGo(work) {
  const root = join(work, 'go/usr/lib/go-1.19');
  if (isProgram(join(root, 'bin/go'))) return root;
  const packages = join(work, 'deb');
  mkdirSync(packages, { recursive: true });
  // apt checks their signatures.
  execFileSync('apt-get', ['download', '-q', 'golang-1.19-go', 'golang-1.19-src'], {
    cwd: packages,
    stdio: 'inherit',
  });
  for (const file of readdirSync(packages).filter((name) => name.endsWith('.deb')))
    execFileSync('dpkg', ['-x', join(packages, file), join(work, 'go')]);
  return root;
}

/** The source where Go 1.19 without modules looks for it. */
function fetchSource(work) {
  const tree = join(work, 'gopath/src', MODULE);
  if (existsSync(tree)) return tree;
  const uris = execFileSync('apt-get', ['download', '--print-uris', 'golang-1.19-go'], { encoding: 'utf8' });
  const [, mirror] = /'(https?:\/\/\S+?)\/pool\//.exec(uris) ?? [];
  if (mirror === undefined) throw new Error('apt has no mirror of Debian 12');
  const file = join(work, SOURCE);
  execFileSync('curl', ['-sSf', '-o', file, `${mirror}/pool/main/k/kubernetes/${SOURCE}`], {
    stdio: 'inherit',
  });
  execFileSync('sha256sum', ['-c', '--quiet'], { input: `${SHA256}  ${file}\n` });
  mkdirSync(dirname(tree), { recursive: true });
  execFileSync('tar', ['xzf', file, '-C', dirname(tree)]);
  renameSync(join(dirname(tree), `kubernetes-${RELEASE}`), tree);
  return tree;
}

/** The one file that the source package leaves out: what the API says of itself. */
function generateOpenApi(run, tree, work) {
  const generator = join(work, 'openapi-gen');
  run('go', ['build', '-o', generator, './vendor/k8s.io/kube-openapi/cmd/openapi-gen']);
  const asking = [
    '-rlE',
    '--include=*.go',
    '^// ?\\+k8s:openapi-gen=',
    'pkg',
    'cmd',
    'staging/src',
    'plugin',
  ];
  const files = spawnSync('grep', asking, { cwd: tree, encoding: 'utf8' }).stdout.trim().split('\n');
  const others = /_test\.go|\/testdata\/|\/test\/|sample-|code-generator|\/examples?\//;
  const folders = [...new Set(files.filter((file) => !others.test(file)).map(dirname))].sort();
  const packages = folders.map((folder) =>
    folder.startsWith('staging/src/')
      ? `${MODULE}/vendor/${relative('staging/src', folder)}`
      : `${MODULE}/${folder}`,
  );
  const header = 'hack/boilerplate/boilerplate.generatego.txt';
  const output = ['-p', `${MODULE}/pkg/generated/openapi`, '-O', 'zz_generated.openapi'];
  const places = ['-h', header, '-r', join(work, 'violations'), '-o', join(work, 'gopath/src')];
  run(generator, ['-i', packages.join(','), ...output, ...places]);
}

/** So that the programs say which release they are. */
function linkFlags() {
  const [major, minor] = RELEASE.split('.');
  const version = { gitVersion: `v${RELEASE}`, gitMajor: major, gitMinor: minor, gitTreeState: 'archive' };
  return ['component-base', 'client-go/pkg']
    .flatMap((part) =>
      Object.entries(version).map(
        ([name, value]) => `-X ${MODULE}/vendor/k8s.io/${part}/version.${name}=${value}`,
      ),
    )
    .reduce((flags, flag) => `${flags} ${flag}`, '-s -w');
}
