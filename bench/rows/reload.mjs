/** Reloads under load: 50 clients that keep their connection and 50 that do not, against 2 instances. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTurn } from '../lab/in-turn.mjs';
import { answer, withServers } from '../lab/servers.mjs';
import { LoadClients } from '../../test/rollout/load-clients.mjs';

const APPS = ['no-handler', 'close-handler', 'express', 'fastify'];
const INSTANCES = 2;
const RELOADS = 2;
/** The others tell nothing more of PM2, and each takes half a minute: requests that it loses end after 15 s. */
const PM2_APPS = ['no-handler', 'close-handler'];
/** As declared for the app; node:cluster is given the same. */
const MIN_READY_MS = 1_000;

export const rows = [
  {
    id: 'reload-failed',
    what: 'reloads under load: requests that fail, 4 kinds of app',
    ...{ unit: 'failed', pm2: 'PM2', stage: 'nothing' },
    goals: [{ of: 'ours', atMost: 0, every: true }],
    async measure(lab) {
      const samples = { ours: [], pm2: [] };
      const notes = [];
      for (const app of APPS) {
        await serve(lab, app, async ({ ours, pm2 }, release) => {
          for (const [name, server] of Object.entries({ ours, pm2 })) {
            if (server === undefined || (name === 'pm2' && !PM2_APPS.includes(app))) continue;
            const { requests, failed, kinds, wrong } = await reloads(server, release);
            samples[name].push(failed);
            notes.push(
              ...noteOf({ tool: name === 'ours' ? 'stateward' : 'PM2', app, requests, kinds, wrong }),
            );
          }
        });
      }
      return { samples, notes };
    },
  },
  {
    id: 'reload-time',
    what: 'reload of 2 instances under load, `min_ready: 1s`',
    ...{
      unit: 'ms',
      beside: 'node:cluster that waits as long',
      pm2: 'PM2, which does not wait',
      stage: 'nothing',
    },
    goals: [{ of: 'ratio', atMost: 1.1 }],
    reason:
      'the load fills both processors, so that each step between app, runner and controller waits for its turn: without load 0.12 s are not `min_ready`',
    measure: (lab) =>
      serve(lab, 'no-handler', async ({ ours, bare, pm2 }) => {
        const timed = (server) => () => underLoad(server, () => server.reload());
        const ways = { ours: timed(ours), bare: timed(bare), pm2: pm2 && timed(pm2) };
        return { samples: await inTurn(ways, { rounds: 5, warmUp: false, pm2Rounds: 3 }) };
      }),
  },
];

/** `release(version)` is what the next processes answer with. */
function serve(lab, name, work) {
  const versionFile = join(lab.folder, 'version');
  const release = (version) => writeFileSync(versionFile, String(version));
  release(0);
  const app = {
    script: join(import.meta.dirname, `../../test/rollout/apps/${name}.cjs`),
    instances: INSTANCES,
    env: { VERSION_FILE: versionFile },
    minReadyMs: MIN_READY_MS,
    more: { rollout: { min_ready: `${MIN_READY_MS}ms` } },
  };
  return withServers(lab, app, (servers) => work(servers, release));
}

async function reloads(server, release) {
  let wrong = 0;
  const load = await LoadClients.start(server.port);
  for (let version = 1; version <= RELOADS; version++) {
    release(version);
    await server.reload();
    if ((await answer(server.port)).split(' ')[1] !== String(version)) wrong += 1;
  }
  return { ...(await load.stop()), wrong };
}

async function underLoad(server, work) {
  const load = await LoadClients.start(server.port);
  try {
    return await work();
  } finally {
    load.kill();
  }
}

function noteOf({ tool, app, requests, kinds, wrong }) {
  const said = Object.entries(kinds).map(([kind, count]) => `${count} ${kind}`);
  if (wrong > 0) said.push(`${wrong} of ${RELOADS} times the old version answered after the reload`);
  return said.length === 0 ? [] : [`${tool}, ${app}, ${requests} requests: ${said.join(', ')}`];
}
