/** What is preloaded into Node apps: `node --require agent.cjs app.js`. The app is not to notice, nor to pay for it. */
import { countWhenServed } from './figures/count-when-served.ts';
import { withoutPreload } from './exec-argv.ts';
import { comeBack } from './handover/come-back.ts';
import { wayBack } from './handover/way-back.ts';
import { SHARED_VARIABLE } from './protocol.ts';
import { flushAtExit } from './output/flush-at-exit.ts';
import { outliveParent } from './parent-channel.ts';
import { answerWhenAsked } from './requests/when-asked.ts';
import { theRest } from './the-rest.ts';

// In place: it is what fork(), cluster and workers hand on, and they did not ask for an agent.
process.execArgv.splice(0, Infinity, ...withoutPreload(process.execArgv, __filename));
if (!isWorkerThread()) {
  answerWhenAsked(process, countWhenServed(process));
  const shared = process.env[SHARED_VARIABLE] === undefined ? null : theRest().shareListening(process);
  const way = wayBack(process);
  const parent = outliveParent(process, (asked) => {
    if (asked || parent === null || way === null) {
      shared?.channelClosed();
      return;
    }
    shared?.channelLost();
    const knock = (again: () => void): void => theRest().handOver(process, { parent, shared, way, again });
    const hurried = shared !== null || parent.talks();
    comeBack({ path: way.path, keeps: parent.keeps, hurried, knock });
  });
  flushAtExit(process);
}

/** Node marks what a worker thread must not call. To ask `node:worker_threads` would cost every app a millisecond. */
function isWorkerThread(): boolean {
  return Reflect.has(Reflect.get(process, 'abort'), 'disabled');
}
