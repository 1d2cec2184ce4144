import { join } from 'node:path';

/** Where the runner of a home has its things. */
export interface RunnerPaths {
  readonly home: string;
  readonly run: string;
  readonly socket: string;
  readonly lock: string;
  readonly ledger: string;
  readonly fifos: string;
  readonly daemonLog: string;
}

export function runnerPaths(home: string): RunnerPaths {
  const run = join(home, 'run');
  return {
    home,
    run,
    socket: join(run, 'runner.sock'),
    lock: join(run, 'runner.lock'),
    ledger: join(run, 'ledger.ndjson'),
    fifos: join(run, 'io'),
    daemonLog: join(home, 'daemon.log'),
  };
}
