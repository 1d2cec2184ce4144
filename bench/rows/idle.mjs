/** What a daemon costs that keeps 100 idle apps: memory, and time of the processor. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { memoryOf, processorMs } from '../lab/processes.mjs';

/** V8 gives back what starting 100 apps has needed only after a while. */
const SETTLE_MS = 45_000;
const PM2_SETTLE_MS = 10_000;
/** Together longer than the resync and than everything that is sampled. */
const WINDOW_MS = 20_000;
const WINDOWS = 2;
const PM2_WINDOWS = 1;

const ON_TOP = 'the rest is compiled code, the programs themselves, and state';
const REASONS = {
  rss: `two programs of Node that do nothing have 79 MiB; ${ON_TOP}`,
  pss: `two programs of Node that do nothing have 13 MiB; ${ON_TOP}`,
  cpu: 'processes are sampled every 10 s, strangers looked for once a minute, and every app is planned every two minutes',
};

export const rows = [
  idleRow('idle-rss', 'RSS', 'MiB', { of: 'ours', atMost: 90 }, 'rss'),
  idleRow('idle-pss', 'PSS', 'MiB', { of: 'ours', atMost: 28 }, 'pss'),
  idleRow('idle-cpu', 'time of the processor', '% of a core', { of: 'ours', atMost: 0.3 }, 'cpu'),
];

function idleRow(id, of, unit, goal, figure) {
  return {
    ...{ id, unit, goals: [goal], pm2: 'the daemon of PM2', reason: REASONS[figure], stage: 'ours' },
    what: `controller and runner with 100 idle apps: ${of}`,
    async measure(lab) {
      const { ours, pm2 } = await lab.shared(idle);
      return { samples: { ours: ours[figure], pm2: pm2?.[figure] ?? [] } };
    },
  };
}

async function idle(lab) {
  const { controller, runner } = await lab.daemon();
  const ours = await watch([controller.pid, runner.pid], SETTLE_MS, WINDOWS);
  if (!lab.hasPm2) return { ours, pm2: null };
  await lab.setStage('both');
  const daemon = Number(readFileSync(join(lab.env.PM2_HOME, 'pm2.pid'), 'utf8'));
  return { ours, pm2: await watch([daemon], PM2_SETTLE_MS, PM2_WINDOWS) };
}

/** `{ rss, pss, cpu }`: samples of each, in MiB and percent of a core. */
async function watch(pids, settleMs, windows) {
  await setTimeout(settleMs);
  const seen = { rss: [], pss: [], cpu: [] };
  for (let window = 0; window < windows; window++) {
    const from = { ms: processorMs(pids), at: performance.now() };
    await setTimeout(WINDOW_MS);
    seen.cpu.push(((processorMs(pids) - from.ms) / (performance.now() - from.at)) * 100);
    seen.rss.push(memoryOf(pids, 'Rss'));
    seen.pss.push(memoryOf(pids, 'Pss'));
  }
  return seen;
}
