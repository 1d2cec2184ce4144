/** What measuring costs an app while somebody looks: time of the processor for each request of a hello-world server. */
import { request } from 'node:http';
import { join } from 'node:path';
import { once } from 'node:events';
import { inTurn } from '../lab/in-turn.mjs';
import { freePort } from '../lab/free-port.mjs';
import { processorMs } from '../lab/processes.mjs';
import { answer } from '../lab/servers.mjs';
import { loadPort } from '../load/load.mjs';

const APP = join(import.meta.dirname, '../apps/pid.cjs');
const LOAD = { connections: 32, seconds: 1, kind: 'kept' };
/** A process has a speed of its own, by how it came to lie in memory: that of several counts. */
const PROCESSES = 4;
const ROUNDS = 3;

export const rows = [
  {
    id: 'metrics',
    what: 'hello world with the agent, its metrics looked at: processor for 1000 requests',
    ...{ unit: 'ms', beside: 'node without it', stage: 'nothing' },
    goals: [{ of: 'ratio', atMost: 1.01 }],
    reason:
      'to count a request takes about the hundredth of its time that it may, and one round differs from the next by more',
    async measure(lab) {
      const samples = { ours: [], bare: [] };
      for (let process = 0; process < PROCESSES; process++) {
        const { ours, bare } = await measureProcesses(lab);
        samples.ours.push(...ours);
        samples.bare.push(...bare);
      }
      return { samples };
    },
  },
];

async function measureProcesses(lab) {
  const [port, barePort] = [await freePort(), await freePort()];
  const app = { name: 'hello', script: APP, env: { PORT: String(port) } };
  await lab.stateward('apply', '-f', lab.write('hello', [app]));
  const bare = lab.spawn([APP], { env: { PORT: String(barePort) } });
  const look = await lookAt(lab);
  try {
    const pids = [Number(await answer(port)), Number(await answer(barePort))];
    const cost = (port, pid) => async () => {
      const from = processorMs([pid]);
      const { requests } = await loadPort(port, LOAD);
      return ((processorMs([pid]) - from) / requests) * 1000;
    };
    const ways = { ours: cost(port, pids[0]), bare: cost(barePort, pids[1]) };
    return await inTurn(ways, { rounds: ROUNDS });
  } finally {
    look.destroy();
    bare.kill();
    await once(bare, 'exit');
    await lab.stateward('delete', 'hello', '--allow-wipe');
  }
}

/** As monit does: the agents measure for as long as this is open. */
async function lookAt(lab) {
  const path = '/v1/apps?watch=true&usage=true&agents=true';
  const sent = request({ socketPath: join(lab.home, 'run/api.sock'), path }).end();
  const [response] = await once(sent, 'response');
  if (response.statusCode !== 200) throw new Error(`${path} answers ${response.statusCode}`);
  response.resume().on('error', () => undefined);
  sent.on('error', () => undefined);
  return sent;
}
