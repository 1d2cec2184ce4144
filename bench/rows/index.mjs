/**
 * Every row of the table, in the order in which they are measured.
 *
 * A row: `id`; `what` it measures; the `unit` of its samples; what stands `beside` it, and what of `pm2`; its `goals`
 * (frame/verdict.mjs); `reason`, why it misses one, as far as known; the `stage` that it wants (lab/lab.mjs); and
 * `measure(lab)`, which resolves with `{ samples: { ours, bare, pm2 }, notes }`.
 */
import { rows as apply } from './apply.mjs';
import { rows as commands } from './commands.mjs';
import { rows as connections } from './connections.mjs';
import { rows as idle } from './idle.mjs';
import { rows as kill } from './kill.mjs';
import { rows as logSink } from './log-sink.mjs';
import { rows as metrics } from './metrics.mjs';
import { rows as plan } from './plan.mjs';
import { rows as reload } from './reload.mjs';
import { rows as scale } from './scale.mjs';
import { rows as start } from './start.mjs';

const [coldStart, respawn] = start;

export const ROWS = [
  coldStart,
  // The daemon whose idleness is measured has just been started: nothing may come between.
  ...idle,
  ...commands,
  ...apply,
  respawn,
  ...kill,
  ...connections,
  ...reload,
  ...logSink,
  ...metrics,
  ...plan,
  ...scale,
];
