/**
 * `kill -9` of the controller and of the runner, 100 idle apps beside: until the API is whole again, and what it costs those
 * who have requests under way. Under load the two processors have more to do than they can: that time is a note.
 */
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { LoadClients } from '../../test/rollout/load-clients.mjs';
import { freePort } from '../lab/free-port.mjs';
import { answer } from '../lab/servers.mjs';
import { untilOther } from '../lab/until-other.mjs';
import { median } from '../frame/statistics.mjs';

const KILLS = 5;
const INSTANCES = 2;
const APP = join(import.meta.dirname, '../../test/rollout/apps/no-handler.cjs');

const BACK = [{ of: 'ours', atMost: 300 }];
const NONE = [{ of: 'ours', atMost: 0, every: true }];

const REASONS = {
  controller:
    'the runner starts the next one within 0.1 s; the rest is the start of that program until it answers',
  runner:
    'the API answers all the while; the next runner, which is looked for every 20 ms, has to start and to adopt every process',
};

export const rows = [
  killRow('kill-controller', 'of the controller: until the API answers again', 'ms', BACK, 'controller'),
  killRow('kill-runner', 'of the runner: until the API has the next one', 'ms', BACK, 'runner'),
  killRow(
    'kill-restarts',
    'of both, in turn: processes of apps that are other ones',
    'processes',
    NONE,
    'changed',
  ),
  killRow('kill-failed', 'and in the reload after it: requests that fail', 'failed', NONE, 'failed'),
];

function killRow(id, what, unit, goals, figure) {
  return {
    ...{ id, what: `\`kill -9\` ${what}`, unit, goals, reason: REASONS[figure], stage: 'ours' },
    ...(figure in REASONS && { beside: 'node -e 0' }),
    async measure(lab) {
      const { notes, bare, ...figures } = await lab.shared(killed);
      const beside = figure in REASONS ? { bare: bare[figure] } : {};
      return { samples: { ours: figures[figure], ...beside }, notes: notes[figure] ?? [] };
    },
  };
}

async function killed(lab) {
  const port = await freePort();
  const version = lab.write('version', 0);
  const env = { PORT: String(port), VERSION_FILE: version };
  const app = { name: 'web', script: APP, exec_mode: 'cluster', instances: INSTANCES, env };
  await lab.stateward('apply', '-f', lab.write('web', [app]));
  await answer(port);
  await settled(lab);
  const before = await pids(lab);
  const quiet = await eachKilled(lab);
  const load = await LoadClients.start(port);
  const loaded = await eachKilled(lab);
  const after = await pids(lab);
  await lab.stateward('reload', 'web');
  const { requests, failed, kinds } = await load.stop();
  await lab.stateward('delete', 'web', '--allow-wipe');
  const said = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
  const underLoad = (victim) => [`under load: ${Math.round(median(loaded.back[victim]))} ms`];
  return {
    ...quiet.back,
    bare: quiet.bare,
    changed: [before.filter((pid) => !after.includes(pid)).length],
    failed: [failed],
    notes: {
      controller: underLoad('controller'),
      runner: underLoad('runner'),
      failed: [`${requests} requests${said.length > 0 ? `: ${said.join(', ')}` : ''}`],
    },
  };
}

/** Both several times, in turn, each time beside a bare Node. */
async function eachKilled(lab) {
  const [back, bare] = [0, 1].map(() => ({ controller: [], runner: [] }));
  for (let round = 0; round < KILLS; round++) {
    for (const victim of ['controller', 'runner']) {
      back[victim].push(await untilBack(lab, victim));
      await settled(lab);
      bare[victim].push(await lab.bareNode());
    }
  }
  return { back, bare };
}

async function pids(lab) {
  return (await lab.apps()).flatMap(({ status }) => status.instances.map(({ pid }) => pid));
}

/** Milliseconds from the kill until the API names another process in its place. */
async function untilBack(lab, victim) {
  const { pid } = (await lab.daemon())[victim];
  const from = performance.now();
  process.kill(pid, 'SIGKILL');
  await untilOther(join(lab.home, 'run/api.sock'), victim, pid);
  return performance.now() - from;
}

/** Every app is healthy again by the word of the controller, and the next kill hits a daemon at rest. */
async function settled(lab) {
  await lab.stateward('wait', 'all', '--for', 'ready');
  await setTimeout(500);
}
