/**
 * Growing in line with the apps: 1,000 declared apps beside 100, every fifth of them running, in time of the processor of the
 * command and of the controller together. Ten times the apps may take ten times as long, and a little.
 */
import { processorMs } from '../lab/processes.mjs';

const FEW = 100;
const MANY = 1_000;
const RUNNING = 5;
const RUNS = 5;
const COMMANDS = {
  'scale-apply': ['`apply` of an unchanged file', (file) => ['apply', '-f', file]],
  'scale-plan': ['`plan`', (file) => ['plan', '-f', file]],
  'scale-get': ['`get`', () => ['get']],
};

export const rows = Object.entries(COMMANDS).map(([id, [what]]) => ({
  ...{ id, what: `${what}, 1,000 apps: processor`, unit: 'ms', beside: '100 apps', stage: 'nothing' },
  goals: [{ of: 'ratio', atMost: 12 }],
  async measure(lab) {
    const { few, many } = await lab.shared(curve);
    return { samples: { ours: many[id], bare: few[id] } };
  },
}));

async function curve(lab) {
  return { few: await costs(lab, FEW), many: await costs(lab, MANY) };
}

/** Samples for each command. */
async function costs(lab, count) {
  const apps = Array.from({ length: count }, (_, i) => ({
    ...{ name: `app-${i}`, script: '/bin/sleep', interpreter: 'none', args: ['100000'] },
    ...(i % RUNNING !== 0 && { autostart: false }),
  }));
  const file = lab.write('scale', apps);
  await lab.stateward('apply', '-f', file);
  const { controller } = await lab.daemon();
  const samples = {};
  for (const [id, [, argsOf]] of Object.entries(COMMANDS)) {
    samples[id] = [];
    for (let run = -1; run < RUNS; run++) {
      const from = processorMs([controller.pid]);
      const { cpu } = await lab.statewardCost(...argsOf(file));
      if (run >= 0) samples[id].push(cpu + processorMs([controller.pid]) - from);
    }
  }
  await lab.clear();
  return samples;
}
