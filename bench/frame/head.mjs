import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

const GIB = 1024 ** 3;
/** Above this share of its cores, other work is part of what is measured. */
const BUSY = 0.5;

/** Where and of what a run was: what its figures are worth nothing without. */
export function headOf(root, pm2) {
  return {
    machine: {
      cores: availableParallelism(),
      cpu: cpus()[0]?.model.trim() ?? 'unknown',
      memoryGib: Math.round((totalmem() / GIB) * 10) / 10,
      kernel: `${process.platform} ${release()}`,
    },
    node: process.version,
    commit: git(root, 'rev-parse', '--short=10', 'HEAD') ?? 'unknown',
    dirty: git(root, 'status', '--porcelain') !== '',
    date: new Date().toISOString(),
    loadAtStart: loadavg().map((value) => Math.round(value * 100) / 100),
    pm2: pm2.version,
    pm2Missing: pm2.missing,
  };
}

/** The lines of a head, for people. */
export function headLines({ machine, node, commit, dirty, date, loadAtStart, pm2, pm2Missing, seconds }) {
  return [
    `${machine.cores} cores (${machine.cpu}), ${machine.memoryGib} GiB, ${machine.kernel}, Node ${node}`,
    `commit ${commit}${dirty ? ' with changes that are not committed' : ''}, ${date}, load at start ${loadAtStart.join(' ')}, took ${Math.floor(seconds / 60)} min ${seconds % 60} s`,
    pm2 === null ? `no PM2 beside: ${pm2Missing}` : `PM2 ${pm2} beside`,
    ...(loadAtStart[0] > machine.cores * BUSY
      ? [
          'the machine was busy with other work: whatever takes turns between processes looks worse than it is',
        ]
      : []),
  ];
}

/** null: no git, or no repository. */
function git(root, ...args) {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}
