/** `apply` of an unchanged file with 100 apps, and what it touches. */
import { APPS } from '../lab/lab.mjs';
import { inTurn } from '../lab/in-turn.mjs';

const ROUNDS = 15;

export const rows = [
  {
    id: 'apply',
    what: '`apply` of an unchanged file, 100 apps',
    unit: 'ms',
    beside: 'node -e 0',
    pm2: '`pm2 start` of the same file',
    goals: [{ of: 'ratio', atMost: 2.3 }],
    reason:
      'every app is planned again, with its code on disk, before it can be said that nothing is to be done',
    stage: 'both',
    async measure(lab) {
      const ours = () => lab.stateward('apply', '-f', lab.idleFile);
      const samples = await inTurn({ ours, bare: () => lab.bareNode() }, { rounds: ROUNDS });
      return { samples: { ...samples, pm2: ifMeasured((await lab.shared(pm2Start))?.took) } };
    },
  },
  {
    id: 'apply-touched',
    what: 'processes that it touches',
    unit: 'processes',
    pm2: '`pm2 start`: restarts',
    goals: [{ of: 'ours', atMost: 0, every: true }],
    stage: 'both',
    async measure(lab) {
      const before = await pids(lab);
      await lab.stateward('apply', '-f', lab.idleFile);
      const after = await pids(lab);
      const ours = [before.filter((pid) => !after.includes(pid)).length];
      return { samples: { ours, pm2: ifMeasured((await lab.shared(pm2Start))?.restarts) } };
    },
  },
  {
    id: 'apply-pm2-reload',
    what: '`apply` of an unchanged file beside `startOrReload`',
    unit: 'ms',
    beside: 'node -e 0',
    pm2: '`pm2 startOrReload`',
    goals: [],
    stage: 'both',
    async measure(lab) {
      const ours = () => lab.stateward('apply', '-f', lab.idleFile);
      const samples = await inTurn({ ours, bare: () => lab.bareNode() }, { rounds: 5 });
      if (!lab.hasPm2) return { samples };
      const { took, restarts } = await pm2Again(lab, 'startOrReload', 1);
      return {
        samples: { ...samples, pm2: took },
        notes: [`\`pm2 startOrReload\` restarted ${restarts[0]} of ${APPS} processes`],
      };
    },
  },
];

async function pids(lab) {
  return (await lab.apps()).flatMap(({ status }) => status.instances.map(({ pid }) => pid));
}

function pm2Start(lab) {
  return lab.hasPm2 ? pm2Again(lab, 'start', 2) : Promise.resolve(undefined);
}

/** What PM2 does with the file whose apps run already. */
async function pm2Again(lab, verb, rounds) {
  const took = [];
  const restarts = [];
  for (let round = 0; round < rounds; round++) {
    const before = await restartsOf(lab);
    took.push(await lab.pm2(verb, lab.idleFile));
    restarts.push((await restartsOf(lab)) - before);
  }
  return { took, restarts };
}

async function restartsOf(lab) {
  return (await lab.pm2List()).reduce((sum, { pm2_env }) => sum + pm2_env.restart_time, 0);
}

function ifMeasured(values) {
  return values ?? [];
}
