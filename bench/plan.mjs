/**
 * What the plan of many unchanged apps takes when the code of each is read and compared: with the script of all in one
 * place of a git work tree, with a folder for each in it, and with folders that no git knows. The very functions that
 * answer `plan` are timed, from the request to the document; beside it the same plan with no code to compare. In time of the
 * processor.
 *
 *   node bench/plan.mjs [--apps 10000] [--runs 7] [--build DIR] [--json]
 *
 * `--json`: the samples of the first kind only, `{ withCode, without }` in milliseconds.
 */
import { build } from 'esbuild';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median } from './frame/statistics.mjs';

const { values } = parseArgs({
  options: {
    apps: { type: 'string', default: '10000' },
    runs: { type: 'string', default: '7' },
    json: { type: 'boolean', default: false },
    build: { type: 'string', default: fileURLToPath(new URL('..', import.meta.url)) },
  },
});
const count = Number(values.apps);
const runs = Number(values.runs);
const BUDGET_MS = 200;
/** No app has a port to look for. */
const NO_PORTS = { owners: { find: () => Promise.resolve({ kind: 'unknown' }) }, runnerPid: undefined };
const root = realpathSync(mkdtempSync(join(tmpdir(), 'stw-bench-')));

try {
  const parts = await loadParts();
  const kinds = [
    { name: 'one work tree', budget: BUDGET_MS, script: () => 'app.js' },
    { name: 'one work tree, a folder for each', script: folderOf },
    { name: 'a folder for each, no git', script: folderOf, git: false },
  ];
  for (const kind of values.json ? kinds.slice(0, 1) : kinds) await measure(parts, kind);
} finally {
  rmSync(root, { recursive: true, force: true });
}

function folderOf(i) {
  return join('services', `s${i}`, 'app.js');
}

/** The parts of the controller, of the sources: dist/ holds programs only. */
async function loadParts() {
  const outfile = join(root, 'parts.cjs');
  const contents = `
    export { codeBook } from './src/controller/context/code-book.ts';
    export { planRequest, readCode } from './src/controller/apply/apply.ts';
    export { acceptFact } from './src/controller/apply/accept-fact.ts';
    export { atOnce } from './src/lib/turns/pieces.ts';
    export { desiredApps } from './src/state/desired/desired.ts';
    export { reduceAll } from './src/state/desired/reducer.ts';
    export { makeInstance, makeSpec, NOW } from './test/plan/fixtures.ts';`;
  const resolveDir = resolve(values.build);
  const stdin = { contents, resolveDir, loader: 'ts' };
  await build({
    stdin,
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    logLevel: 'error',
  });
  return createRequire(import.meta.url)(outfile);
}

async function measure(parts, { name, script, budget, git = true }) {
  const cwd = join(root, name.replaceAll(/\W+/g, '-'));
  const apps = Array.from({ length: count }, (_, i) =>
    parts.makeSpec({ name: `app-${i}`, script: join(cwd, script(i)), cwd }),
  );
  for (const file of new Set(apps.map((app) => app.script))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, 'setInterval(() => {}, 1e6);\n');
    writeFileSync(join(dirname(file), 'package.json'), '{}\n');
  }
  if (git) commitAll(cwd);
  const said = {
    ...{
      projects: [{ project: 'bench', source: { files: [join(cwd, 'ecosystem.yaml')], env: null }, apps }],
    },
    ...{ prune: true, only: null, allowWipe: false, basis: null, by: 'bench', command: 'plan' },
  };
  // As it comes over the wire: nothing in it is an object that is kept.
  const sent = () => JSON.parse(text);
  const text = JSON.stringify(said);
  const request = sent();
  const book = parts.codeBook({
    stateDir: join(root, 'state'),
    store: { project: () => undefined },
    secrets: { look: () => Promise.reject(new Error('no app has a secret')) },
    onError: (error) => {
      throw error;
    },
  });
  let code;
  const cold = await timed(async () => (code = await parts.readCode(request, book)));
  if (code.identities.size !== count)
    throw new Error(`the code of ${code.identities.size} of ${count} is known`);
  const host = hostOf(parts, request, code);
  const withCode = [];
  const without = [];
  for (let i = 0; i <= runs; i++) {
    const again = sent();
    withCode.push(
      await timed(async () => plan(parts, again, { ...host, code: await parts.readCode(again, book) })),
    );
    without.push(await timed(() => plan(parts, again, host)));
  }
  if (values.json) {
    console.log(JSON.stringify({ withCode: withCode.slice(1), without: without.slice(1) }));
    return;
  }
  const [a, b] = [median(withCode.slice(1)), median(without.slice(1))];
  const read = a - b;
  const verdict = budget === undefined ? '' : `  (budget ${budget} ms: ${a <= budget ? 'kept' : 'MISSED'})`;
  console.log(
    `plan of ${count} unchanged apps, ${name}: ${a.toFixed(0)} ms, without code ${b.toFixed(0)} ms, ` +
      `ratio ${(a / b).toFixed(2)}; read ${read.toFixed(0)} ms, the first time ${cold.toFixed(0)} ms${verdict}`,
  );
}

/** Everything declared, accepted and running, each process with the code that lies there. */
function hostOf(parts, request, code) {
  const empty = {
    records: new Map(),
    reachable: true,
    instances: [],
    histories: [],
    now: parts.NOW,
    exists: () => true,
    isSource: () => false,
  };
  const fact = parts.atOnce(parts.acceptFact(request.projects[0], request, empty));
  const accepted = parts.reduceAll(new Map(), [fact]);
  // Each has proven itself long ago.
  const proven = parts.desiredApps(accepted).map(({ key, generation }) => ({
    ...{ kind: 'rollout-completed', key, generation, at: parts.NOW },
  }));
  const records = parts.reduceAll(accepted, proven);
  const instances = parts
    .desiredApps(records)
    .map((app) => parts.makeInstance(app, { code: code.identities.get(app.key) }));
  return { ...empty, records, instances };
}

async function plan(parts, request, host) {
  const planned = await parts.planRequest(request, host, NO_PORTS);
  if (!planned.ok) throw new Error(planned.error.message);
  const { unchanged } = planned.value.summary;
  if (unchanged !== count) throw new Error(`${unchanged} of ${count} apps are unchanged`);
}

/** Milliseconds of the processor, of this very work: on a busy machine the clock tells of the others. */
async function timed(work) {
  const from = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(from);
  return (user + system) / 1000;
}

function commitAll(cwd) {
  const git = (...args) =>
    execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd });
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
}
