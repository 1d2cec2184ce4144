/**
 * The tests of `--target kubernetes` against a real API server (test/kube): etcd, API server, controller manager and
 * scheduler on loopback, and a node that is played; then those with a node that is none (test/kube/node), for which this
 * has to be root. Each is skipped, with a sentence, where its programs are missing.
 *
 *   npm run test:kube                        with the programs in STATEWARD_KUBE, or /var/cache/stateward-kube
 *   npm run test:kube -- --build             builds them first, once, from the source package of Debian 12
 *   npm run test:kube -- -t 'a rollout'      what vitest takes besides
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPrograms } from './kube/build.mjs';
import { KUBE_FOLDER, missingPrograms, whyNoNode } from './kube/programs.mjs';
import { runWithinNode } from './kube/within-node.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const rest = process.argv.slice(2).filter((word) => word !== '--build');

if (rest.length < process.argv.length - 2) {
  const why = buildPrograms();
  if (why !== null) {
    console.error(`cannot build the programs of Kubernetes: ${why}`);
    process.exit(1);
  }
}

const missing = missingPrograms();
if (missing.length > 0) {
  console.log(
    `skipped: there is no ${missing.join(', ')} (in ${KUBE_FOLDER} or the PATH). npm run test:kube -- --build builds what is ` +
      'of Kubernetes on Debian 12; etcd-server and kubernetes-client are packages',
  );
  process.exit(0);
}

const vitest = (config, ...more) => [
  ...[process.execPath, join(root, 'node_modules/vitest/vitest.mjs'), 'run', '--config', config],
  ...[...more, ...rest],
];
const env = { ...process.env, STATEWARD_KUBE: KUBE_FOLDER };
const [node, ...args] = vitest('test/kube/vitest.config.ts', '--passWithNoTests');
const { status } = spawnSync(node, args, { cwd: root, stdio: 'inherit', env });

const why = whyNoNode();
if (why !== null) {
  console.log(`skipped, what runs on a node: ${why}`);
  process.exit(status ?? 1);
}
process.chdir(root);
const ended = await runWithinNode(vitest('test/kube/node/vitest.config.ts', '--passWithNoTests'), env);
process.exit(status === 0 ? ended : (status ?? 1));
