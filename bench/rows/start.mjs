/** From nothing to 100 running apps, and from a crash to the next process: against a bare loop that spawns the same. */
import { once } from 'node:events';
import { join } from 'node:path';
import { inTurn } from '../lab/in-turn.mjs';
import { APPS } from '../lab/lab.mjs';

const IDLE = join(import.meta.dirname, '../apps/idle.cjs');
const KEEP_UP = join(import.meta.dirname, '../apps/keep-up.cjs');

export const rows = [
  {
    id: 'cold-start',
    what: '100 idle Node apps, cold to all running',
    unit: 'ms',
    beside: 'a bare loop',
    pm2: '`pm2 start`',
    goals: [{ of: 'ratio', atMost: 1.1 }],
    reason:
      'both processors are busy with the apps, and to the 21 ms of one come 3 for its channel and agent, 2 to 3 of the controller, 1 of the runner and 1 of the command; one processor waits until the command has said what to start',
    stage: 'nothing',
    async measure(lab) {
      const file = lab.write('idle', lab.idleApps());
      const ways = {
        ours: async () => {
          await lab.stateward('daemon', 'start');
          const took = await lab.untilUp(APPS, () => lab.stateward('apply', '--no-wait', '-f', file));
          await lab.stateward('delete', 'all', '--allow-wipe');
          return took;
        },
        bare: () => bareLoop(lab),
        pm2: lab.ifPm2(async () => {
          await lab.pm2('ping');
          const took = await lab.untilUp(APPS, () => lab.pm2('start', file));
          await lab.pm2('delete', 'all');
          return took;
        }),
      };
      const samples = await inTurn(ways, { rounds: 4, pm2Rounds: 1 });
      await lab.clear();
      return { samples };
    },
  },
  {
    id: 'respawn',
    what: 'crash to the next process, no back-off due',
    unit: 'ms',
    beside: 'a bare loop',
    pm2: 'PM2',
    goals: [{ of: 'over', atMost: 15 }],
    reason:
      'before the next process the runner looks for what the one before has left behind, and the loop decides',
    stage: 'both',
    async measure(lab) {
      const loop = lab.spawn([KEEP_UP, IDLE], {
        stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
        env: { BENCH_SOCKET: lab.upSocket },
      });
      let [pid] = await once(loop, 'message');
      loop.on('message', (next) => (pid = next));
      const crashed = (victim) => lab.untilUp(1, () => void process.kill(victim, 'SIGKILL'));
      const ways = {
        ours: async () => crashed((await lab.apps('idle-0'))[0].status.instances[0].pid),
        bare: () => crashed(pid),
        pm2: lab.ifPm2(async () => crashed((await lab.pm2List()).find(({ name }) => name === 'idle-0').pid)),
      };
      const samples = await inTurn(ways, { rounds: 21, pm2Rounds: 11 });
      loop.kill('SIGKILL');
      process.kill(pid, 'SIGKILL');
      return { samples };
    },
  },
];

async function bareLoop(lab) {
  const children = [];
  const took = await lab.untilUp(APPS, () => {
    for (const { env } of lab.idleApps()) children.push(lab.spawn([IDLE], { env, detached: true }));
  });
  const ended = children.map((child) => once(child, 'exit'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ended);
  return took;
}
