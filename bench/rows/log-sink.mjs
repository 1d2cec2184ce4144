/** Megabytes a second from an app that writes as fast as it can into its log file. */
import { once } from 'node:events';
import { statSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { inTurn } from '../lab/in-turn.mjs';

const FLOOD = join(import.meta.dirname, '../apps/flood.cjs');
const MEGABYTES = 200;
/** Whoever writes nothing for so long has written everything. */
const QUIET_MS = 300;
const ROUNDS = 7;
const PM2_ROUNDS = 3;
const BESIDE = 'writer | cat > file';
const GOALS = [{ of: 'ours', atLeast: 200, or: { of: 'ratio', atLeast: 1 } }];

export const rows = [
  sinkRow('log-sink', 'lines of 100 bytes, the time of each kept beside', {}),
  sinkRow('log-sink-time', 'the same with `time: true`, the time in front of each line', { time: true }),
];

function sinkRow(id, what, fields) {
  return {
    ...{ id, what: `log sink: ${what}`, unit: 'MB/s', beside: BESIDE, pm2: 'PM2', goals: GOALS },
    stage: 'nothing',
    async measure(lab) {
      const flood = await floodGate(join(lab.folder, `${id}.sock`));
      try {
        const app = (log) => ({
          ...{
            name: 'flood',
            script: FLOOD,
            out_file: log,
            autorestart: false,
            log_rotate: false,
            ...fields,
          },
          env: floodEnv(flood),
        });
        const [ours, bare, pm2] = ['ours', 'bare', 'pm2'].map((name) =>
          join(lab.folder, `${id}-${name}.log`),
        );
        const file = lab.write('flood', [app(ours)]);
        const pm2File = lab.write('pm2-flood', [app(pm2)]);
        await lab.stateward('daemon', 'start');
        const ways = {
          ours: () =>
            flood.timed(ours, {
              begin: () => lab.stateward('apply', '--no-wait', '-f', file),
              end: () => lab.stateward('delete', 'all', '--allow-wipe'),
            }),
          bare: () => flood.timed(bare, { begin: () => behindPipe(lab, flood, bare), end: () => undefined }),
          pm2: lab.ifPm2(() =>
            flood.timed(pm2, {
              begin: () => lab.pm2('start', pm2File),
              end: () => lab.pm2('delete', 'all'),
            }),
          ),
        };
        return { samples: await inTurn(ways, { rounds: ROUNDS, pm2Rounds: PM2_ROUNDS }) };
      } finally {
        flood.close();
      }
    },
  };
}

function floodEnv({ path }) {
  return { FLOOD_SOCKET: path, MEGABYTES: String(MEGABYTES) };
}

/** Apps connect and wait there; with its first byte each begins to write. */
async function floodGate(path) {
  let connected;
  const server = createServer((connection) => connected?.(connection));
  await new Promise((listening) => server.listen(path, listening));
  return {
    path,
    close: () => server.close(),
    /** Megabytes of lines a second, from the first byte to the last one in the file; the file is emptied after it. */
    async timed(log, { begin, end }) {
      const writer = new Promise((resolve) => (connected = resolve));
      const begun = begin();
      const connection = await writer;
      const written = once(connection.on('error', () => undefined).resume(), 'close');
      const from = performance.now();
      connection.write('x');
      const until = await lastGrowth(log, written);
      await begun;
      await end();
      truncateSync(log);
      return (MEGABYTES * 1000) / (until - from);
    },
  };
}

/**
 * The time at which a file grew last, once its writer has ended. Its length is not known before: who writes a time in front of
 * lines may do so in the middle of one, too.
 */
async function lastGrowth(log, written) {
  let [size, at] = [0, performance.now()];
  let isWritten = false;
  void written.then(() => (isWritten = true));
  while (!isWritten || size < MEGABYTES * 1e6 || performance.now() - at < QUIET_MS) {
    await setTimeout(1);
    const now = sizeOf(log);
    if (now !== size) [size, at] = [now, performance.now()];
  }
  return at;
}

function sizeOf(log) {
  return statSync(log, { throwIfNoEntry: false })?.size ?? 0;
}

async function behindPipe(lab, flood, log) {
  const child = spawn('sh', ['-c', `"${process.execPath}" "${FLOOD}" | cat > "${log}"`], {
    env: { ...lab.env, ...floodEnv(flood) },
    stdio: 'ignore',
  });
  await new Promise((ended) => child.once('exit', ended));
}
