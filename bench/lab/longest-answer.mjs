import { request } from 'node:http';
import { setTimeout } from 'node:timers/promises';

const EVERY_MS = 50;

/** Asks the API at a socket again and again until it is stopped, which gives the longest wait for an answer, in milliseconds. */
export function longestAnswer(socketPath) {
  let isOver = false;
  let longest = 0;
  const asking = (async () => {
    while (!isOver) {
      const from = performance.now();
      await ping(socketPath);
      longest = Math.max(longest, performance.now() - from);
      await setTimeout(EVERY_MS);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await asking;
      return longest;
    },
  };
}

function ping(socketPath) {
  return new Promise((resolve, reject) => {
    const sent = request({ socketPath, path: '/v1/ping' }, (response) => {
      response.on('error', reject).on('end', resolve).resume();
    });
    sent.on('error', reject).end();
  });
}
