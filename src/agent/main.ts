/** What is preloaded into Node apps: `node --require agent.cjs app.js`. The app is not to notice. */
import { isMainThread } from 'node:worker_threads';
import { withoutPreload } from './exec-argv.ts';
import { flushAtExit } from './flush-at-exit.ts';
import { answerPings, outliveParent } from './parent-channel.ts';

// In place: it is what fork(), cluster and workers hand on, and they did not ask for an agent.
process.execArgv.splice(0, Infinity, ...withoutPreload(process.execArgv, __filename));
if (isMainThread) {
  answerPings(process);
  outliveParent(process);
  flushAtExit(process);
}
