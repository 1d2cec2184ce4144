/** What is preloaded into Node apps: `node --require agent.cjs app.js`. The app is not to notice. */
import { measureOnRequest } from './figures/figures-request.ts';
import { openProbePortOnRequest } from './listen/probe-port-request.ts';
import { drainOnRequest } from './drain/drain-request.ts';
import { handOver, wayBack } from './handover/handover.ts';
import { withoutPreload } from './exec-argv.ts';
import { flushAtExit } from './output/flush-at-exit.ts';
import { answerPings, outliveParent } from './parent-channel.ts';
import { shareListening } from './listen/shared-listen.ts';

// In place: it is what fork(), cluster and workers hand on, and they did not ask for an agent.
process.execArgv.splice(0, Infinity, ...withoutPreload(process.execArgv, __filename));
if (!isWorkerThread()) {
  answerPings(process);
  drainOnRequest(process);
  openProbePortOnRequest(process);
  measureOnRequest(process);
  const shared = shareListening(process);
  const way = wayBack(process);
  const parent = outliveParent(process, (asked) => {
    if (asked || parent === null || way === null) shared?.channelClosed();
    else handOver(process, { parent, shared, way });
  });
  flushAtExit(process);
}

/** Node marks what a worker thread must not call. To ask `node:worker_threads` would cost every app a millisecond. */
function isWorkerThread(): boolean {
  return Reflect.has(Reflect.get(process, 'abort'), 'disabled');
}
