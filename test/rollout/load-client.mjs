/**
 * A process of its own that asks for http://127.0.0.1:PORT/ again and again, over connections that are kept and over new
 * ones, and counts every answer that is not what it should be. Steered over Node's channel; see load-clients.mjs.
 *
 *   node load-client.mjs PORT KEPT FRESH PAUSE_MS
 */
import { Agent, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const [port, kept, fresh, pauseMs] = process.argv.slice(2).map(Number);
const TIMEOUT_MS = 15_000;
const EXPECTED = /^version (\S+) pid (\d+)\n$/;
const MAX_LISTED = 100;

const seen = { requests: 0, failed: 0, kinds: {}, failures: [], versions: {} };
let stopped = false;

/** Resolves with what failed, or null; never rejects. */
function ask(agent) {
  return new Promise((resolve) => {
    const request = get({ host: '127.0.0.1', port, path: '/', agent, timeout: TIMEOUT_MS }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (body += chunk));
      response.on('error', (error) => resolve(`body: ${error.code ?? error.message}`));
      response.on('end', () => resolve(judge(response.statusCode, body)));
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', (error) => {
      const where = request.reusedSocket ? 'on a kept connection' : 'on a new connection';
      resolve(`${error.code ?? error.message} ${where}`);
    });
  });
}

function judge(status, body) {
  const version = EXPECTED.exec(body)?.[1];
  if (status !== 200) return `status ${status}`;
  if (version === undefined) return `body ${JSON.stringify(body.slice(0, 80))}`;
  seen.versions[version] = (seen.versions[version] ?? 0) + 1;
  return null;
}

async function client(agent) {
  while (!stopped) {
    const at = Date.now();
    const failure = await ask(agent);
    seen.requests += 1;
    if (failure !== null) {
      seen.failed += 1;
      seen.kinds[failure] = (seen.kinds[failure] ?? 0) + 1;
      if (seen.failures.length < MAX_LISTED) seen.failures.push({ at, ms: Date.now() - at, failure });
    }
    await setTimeout(Math.random() * 2 * pauseMs);
  }
  agent.destroy?.();
}

const clients = [
  ...Array.from({ length: kept }, () => client(new Agent({ keepAlive: true, maxSockets: 1 }))),
  ...Array.from({ length: fresh }, () => client(false)),
];

process.on('message', (message) => {
  if (message === 'count') process.send({ count: seen });
  if (message === 'stop') stopped = true;
});
process.on('disconnect', () => process.exit(1));
process.send({ running: true });
await Promise.all(clients);
process.send({ end: seen }, () => process.disconnect());
process.removeAllListeners('disconnect');
