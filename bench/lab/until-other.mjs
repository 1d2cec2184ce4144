import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const POLL_MS = 20;
const LOST_MS = 60_000;

/**
 * Resolves with the pid of another controller, or runner (`role`), than `pid`, as soon as the API at a socket names one.
 */
export async function untilOther(socketPath, role, pid) {
  const from = performance.now();
  while (performance.now() - from < LOST_MS) {
    const other = (await status(socketPath).catch(() => null))?.[role]?.pid;
    if (other !== undefined && other !== pid) return other;
    await setTimeout(POLL_MS);
  }
  throw new Error(`the API has no other ${role} ${LOST_MS / 1000} s after kill -9`);
}

function status(socketPath) {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/v1/status' }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (body += chunk)).on('end', () => resolve(JSON.parse(body)));
      response.on('error', reject);
    });
    sent.on('error', reject).end();
  });
}
