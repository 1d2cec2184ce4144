/** A fault that a host, a disk, a person or a program can put in the way, and where it is tried. */
export interface Fault {
  readonly number: number;
  readonly what: string;
  /** Test files that try it beside the rows of the suite, or in their place where a whole daemon would show no more. */
  readonly tests?: readonly string[];
}

/**
 * The fault list. Every fault has a row (`rows/`) or a test file; a test holds that. A new one goes to the end: numbers
 * are names.
 */
export const faults: readonly Fault[] = [
  {
    number: 1,
    what: 'kill -9 of the controller, again and again',
    tests: ['test/controller/daemon/survival.test.ts'],
  },
  { number: 2, what: 'kill -9 of the controller in the middle of an apply, after each step' },
  { number: 3, what: 'kill -9 of the runner, under load', tests: ['test/rollout/handover.test.ts'] },
  { number: 4, what: 'kill -9 of both' },
  { number: 5, what: 'kill -9 of what reads the output, in a burst' },
  { number: 6, what: 'SIGSTOP of an app' },
  { number: 7, what: 'SIGSTOP of the runner or the controller' },
  {
    number: 8,
    what: 'an app that ignores the signals that ask it to end',
    tests: ['test/runner/stop.test.ts'],
  },
  { number: 9, what: 'a child that forks without end', tests: ['test/runner/limits.test.ts'] },
  {
    number: 10,
    what: 'grandchildren that leave their group and session',
    tests: ['test/runner/leftovers.test.ts'],
  },
  { number: 11, what: 'the parent of an app is killed' },
  { number: 12, what: 'a grandchild that holds the output open' },
  { number: 13, what: 'the disk of the logs is full', tests: ['test/controller/daemon/lost-logs.test.ts'] },
  { number: 14, what: 'the disk of the state is full' },
  { number: 15, what: 'fsync fails (EIO)' },
  {
    number: 16,
    what: 'state cut off, empty, garbage, with a wrong checksum, deleted',
    tests: ['test/state/corruption.test.ts'],
  },
  { number: 17, what: 'the ledger gone, empty, garbage', tests: ['test/runner/ledger/ledger.test.ts'] },
  { number: 18, what: 'state of a newer version' },
  {
    number: 19,
    what: 'two daemons race: 20 first commands at once',
    tests: ['test/runner/lock/lock.test.ts'],
  },
  {
    number: 20,
    what: 'stale, removed and replaced sockets and locks',
    tests: ['test/lib/sockets/keep-socket.test.ts'],
  },
  { number: 21, what: 'a pid that a stranger has now' },
  { number: 22, what: 'the host was restarted: another boot id' },
  {
    number: 23,
    what: 'the clock is set by hours, back and forward',
    tests: ['test/lib/clocks/watched-clock.test.ts', 'test/reconcile/clock-set.test.ts'],
  },
  {
    number: 24,
    what: 'clock changes of a time zone in a schedule',
    tests: ['test/triggers/schedule/cron.test.ts'],
  },
  {
    number: 25,
    what: 'ticks of a schedule missed while the daemon was down',
    tests: ['test/controller/triggers/cron.test.ts'],
  },
  { number: 27, what: 'no descriptors (EMFILE), no processes (EAGAIN)' },
  { number: 28, what: 'apps killed, by the kernel for memory or by anybody' },
  { number: 29, what: 'controller or runner killed by the kernel for memory' },
  { number: 30, what: '100 apps that crash in a loop' },
  { number: 31, what: 'bursts of 10,000 lines of 20 apps' },
  { number: 32, what: 'a line of 200 MiB' },
  {
    number: 33,
    what: 'binary output, broken UTF-8, NUL, control sequences',
    tests: ['test/cli/views/text/terminal.test.ts'],
  },
  {
    number: 34,
    what: 'half a line, and the rest later',
    tests: ['test/runner/output/line-splitter.test.ts'],
  },
  {
    number: 35,
    what: 'folders of logs and of apps removed at run time',
    tests: ['test/runner/log-places.test.ts'],
  },
  { number: 37, what: 'a declaration that is replaced or half written' },
  {
    number: 38,
    what: 'a declaration of hundreds of megabytes, or nested 10,000 deep',
    tests: ['test/config/hostile.test.ts'],
  },
  { number: 39, what: 'aliases that multiply', tests: ['test/config/hostile.test.ts'] },
  { number: 40, what: 'duplicate keys and names', tests: ['test/config/errors.test.ts'] },
  { number: 41, what: '`__proto__` and `constructor` as keys', tests: ['test/config/hostile.test.ts'] },
  {
    number: 42,
    what: 'a JavaScript declaration that throws, hangs, exits, forks, floods',
    tests: ['test/config/javascript.test.ts'],
  },
  { number: 47, what: 'a port that a stranger has', tests: ['test/triggers/probes/port-conflicts.test.ts'] },
  { number: 48, what: 'a new version that is never ready', tests: ['test/plan/rollout-failure.test.ts'] },
  {
    number: 49,
    what: 'a new version that crashes, at once or soon',
    tests: ['test/plan/rollout-failure.test.ts'],
  },
  { number: 50, what: 'a reload under kept connections', tests: ['test/rollout/load.test.ts'] },
  { number: 51, what: 'a command that is killed in the middle of an apply' },
  { number: 52, what: 'clients that are slow, or never read' },
  {
    number: 53,
    what: 'malformed, endless and hostile requests',
    tests: ['test/api/contract/request-checks.test.ts'],
  },
  { number: 54, what: 'another user of the host' },
  { number: 55, what: 'a home that is not safe', tests: ['test/home/check.test.ts'] },
  { number: 56, what: 'a home whose path is too long for a socket' },
  {
    number: 58,
    what: 'paths and NUL in names of apps',
    tests: ['test/config/errors.test.ts', 'test/state/disk/file-name.test.ts'],
  },
  {
    number: 59,
    what: 'secrets in the environment of an app',
    tests: ['test/controller/projects/secrets.test.ts', 'test/spec/secrets/redact.test.ts'],
  },
  {
    number: 60,
    what: 'shell words in a declaration',
    tests: ['test/config/shape/shell-lines.test.ts', 'test/runner/spawn.test.ts'],
  },
  { number: 61, what: 'planted links and sockets', tests: ['test/runner/log-places.test.ts'] },
  {
    number: 63,
    what: 'an upgrade in the middle of everything',
    tests: ['test/runner/succession/hand-over.test.ts'],
  },
  {
    number: 64,
    what: 'any of it in a container, below `stateward run`',
    tests: ['test/cli/foreground/run.test.ts'],
  },
  { number: 62, what: '200 cycles: descriptors, FIFOs, processes, files, memory' },
  { number: 65, what: 'a disk that is slow' },
  {
    number: 66,
    what: 'kill -9 in the middle of a reload, and an upgrade',
    tests: ['test/runner/errands.test.ts'],
  },
  {
    number: 67,
    what: 'kill -9 while hooks run',
    tests: ['test/controller/rollouts/hooks.test.ts'],
  },
  { number: 68, what: 'kill -9 of the controller at each stage of a version of a source' },
  {
    number: 69,
    what: 'kill -9 of the controller in the middle of a build or a hook of a source',
    tests: ['test/sources/releases/releases.test.ts'],
  },
  { number: 70, what: 'the disk of the releases is full' },
  { number: 71, what: 'a repository of 300 MB', tests: ['test/sources/git/fetch.test.ts'] },
  {
    number: 72,
    what: '500 commits at once, all of them signed',
    tests: ['test/sources/git/fetch.test.ts', 'test/controller/sources/signed.test.ts'],
  },
];
