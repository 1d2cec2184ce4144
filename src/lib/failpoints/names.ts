/** One moment at which a fault can be put: in which process it is, what has just happened, and what is next. */
interface Failpoint {
  readonly of: 'runner' | 'controller';
  /** What is true when it is passed. */
  readonly at: string;
  /** The system may say no here, so an error can be put here as well; else only a kill or a delay can. */
  readonly fails?: true;
}

const TABLE = {
  'runner.locked': { of: 'runner', at: 'the lock of the home is held; nothing was taken over yet' },
  'ledger.append': { of: 'runner', at: 'records are about to be appended to the ledger', fails: true },
  'ledger.appended': { of: 'runner', at: 'records are appended, and not synced', fails: true },
  'ledger.synced': { of: 'runner', at: 'records are synced; nobody was told' },
  'ledger.compact': { of: 'runner', at: 'the ledger is about to be written anew', fails: true },
  'ledger.compact.written': { of: 'runner', at: 'the new ledger is written, and not synced', fails: true },
  'ledger.compact.synced': { of: 'runner', at: 'the new ledger is synced beside the old one', fails: true },
  'ledger.compact.renamed': {
    of: 'runner',
    at: 'the new ledger has its name; the folder is not synced',
    fails: true,
  },
  'ledger.compact.done': { of: 'runner', at: 'the new ledger is durable; the old one is still open' },
  'start.intent': { of: 'runner', at: 'a start is asked for, and on no disk' },
  'start.intended': { of: 'runner', at: 'it is on the disk that a process will be started; none is' },
  'start.spawned': { of: 'runner', at: 'the process is there; the ledger does not know its pid' },
  'start.recorded': { of: 'runner', at: 'the ledger knows the process; nobody was told' },
  'stop.asked': { of: 'runner', at: 'a process was sent the signal that asks it to end' },
  'stop.killed': { of: 'runner', at: 'a process was sent SIGKILL' },
  'reload.intended': { of: 'runner', at: 'the ledger knows that a reload is about to be done; none is' },
  'reload.sent': {
    of: 'runner',
    at: 'a process was told to reload; the ledger does not know what came of it',
  },
  'reload.done': { of: 'runner', at: 'the reload is over, and on its way to the ledger; nobody was told' },
  'exit.seen': { of: 'runner', at: 'all of an instance has ended; the ledger does not know' },
  'exit.recorded': { of: 'runner', at: 'the exit is in the ledger; nobody was told' },
  'exit.forget': { of: 'runner', at: 'the controller has the exit; the ledger is about to drop it' },
  'exit.forgotten': { of: 'runner', at: 'the exit is dropped; the controller was not answered' },
  'adopt.read': { of: 'runner', at: 'the ledger of the runner before was read; nothing was looked at' },
  'adopt.done': { of: 'runner', at: 'processes are taken over; no agent was heard' },
  'handover.greeted': { of: 'runner', at: 'an agent has come back, and was welcomed' },
  'handover.socket': { of: 'runner', at: 'an agent has handed over a shared socket' },
  'handover.done': { of: 'runner', at: 'an agent has handed over all that it has' },
  'upgrade.loaded': { of: 'runner', at: 'the new runner is loaded; the old one does not know' },
  'upgrade.prepared': { of: 'runner', at: 'the old runner knows that the new one is loaded' },
  'upgrade.frozen': {
    of: 'runner',
    at: 'the old runner does nothing by itself any more; nothing is handed over',
  },
  'upgrade.found': { of: 'runner', at: 'the new runner has found every process; the old one does not know' },
  'upgrade.restored': { of: 'runner', at: 'the old runner knows that the new one is ready' },
  'upgrade.released': { of: 'runner', at: 'the old runner reads no output, and nobody listens' },
  'upgrade.begun': { of: 'runner', at: 'the new runner was told to begin, and has not' },
  'upgrade.served': { of: 'runner', at: 'both runners know that the new one serves' },
  'log.write': { of: 'runner', at: 'lines are about to be written to a log file', fails: true },
  'log.rotate': { of: 'runner', at: 'a full log file is about to be renamed', fails: true },
  'log.rotated': { of: 'runner', at: 'the full log file is renamed; there is no new one' },
  'log.compressed': { of: 'runner', at: 'the compressed log file is in place; so is the plain one' },
  'log.times': { of: 'runner', at: 'times of lines are about to be saved', fails: true },
  'controller.locked': { of: 'controller', at: 'the lock of the home is held; nothing was read yet' },
  'state.write': { of: 'controller', at: 'a state file is about to be written', fails: true },
  'state.written': { of: 'controller', at: 'its temporary file is written, and not synced', fails: true },
  'state.synced': { of: 'controller', at: 'its temporary file is synced', fails: true },
  'state.kept': { of: 'controller', at: 'the version before has its second name', fails: true },
  'state.renamed': {
    of: 'controller',
    at: 'the new version has its name; the folder is not synced',
    fails: true,
  },
  'state.saved': { of: 'controller', at: 'the new version is durable; nobody was told' },
  'revision.written': { of: 'controller', at: 'a revision is written; its project file is not', fails: true },
  'state.committed': { of: 'controller', at: 'what is desired is durable; the loop does not know' },
  'event.append': { of: 'controller', at: 'an event is about to be appended', fails: true },
  'audit.append': { of: 'controller', at: 'lines are about to be appended to the audit log', fails: true },
  'audit.appended': { of: 'controller', at: 'the audit log tells of a change; the state does not hold it' },
  'event.appended': { of: 'controller', at: 'the event is in the log; no follower was told' },
  'event.rotated': {
    of: 'controller',
    at: 'the full event log is renamed; there is no new one',
    fails: true,
  },
  'history.flush': { of: 'controller', at: 'histories of slots are about to be written', fails: true },
  'source.fetched': {
    of: 'controller',
    at: 'the newest version of a source is known; nothing was done with it',
  },
  'source.verified': { of: 'controller', at: 'a version may be brought in; nothing of it was checked out' },
  'release.exported': {
    of: 'controller',
    at: 'the files of a commit are there; nothing was built',
    fails: true,
  },
  'release.built': {
    of: 'controller',
    at: 'the build of a release has ended well; nothing of it is durable',
    fails: true,
  },
  'release.synced': {
    of: 'controller',
    at: 'a release is durable; nothing says that it is whole',
    fails: true,
  },
  'release.marked': { of: 'controller', at: 'a release is whole; nobody was told' },
  'release.retired': {
    of: 'controller',
    at: 'a release does not count any more; its files are there',
    fails: true,
  },
  'source.valid': { of: 'controller', at: 'what a version declares was read; nothing was asked of anybody' },
  'source.asked': {
    of: 'controller',
    at: 'the command before a version has ended well; nothing is accepted',
  },
  'source.accepted': { of: 'controller', at: 'a version is accepted; its source does not know' },
  'source.applied': { of: 'controller', at: 'the source knows that it is accepted; nobody was told' },
  'source.smoked': {
    of: 'controller',
    at: 'apps have proven themselves, and the smoke test has ended; nobody knows',
  },
  'source.settled': {
    of: 'controller',
    at: 'it is known whether a version is good; the command after it was not run',
  },
  'source.told': { of: 'controller', at: 'the command after a version has ended; nobody knows' },
  'notify.queued': { of: 'controller', at: 'a message is written down; it is about to be sent' },
  'notify.sent': { of: 'controller', at: 'a receiver has taken a message; that is not written down' },
  'history.flushed': { of: 'controller', at: 'histories of slots are durable' },
  'action.start': { of: 'controller', at: 'the runner is about to be told to start a process' },
  'action.started': { of: 'controller', at: 'the runner has started it' },
  'action.stop': { of: 'controller', at: 'the runner is about to be told to stop a process' },
  'action.stopped': { of: 'controller', at: 'the runner has begun to stop it' },
  'action.adopt': {
    of: 'controller',
    at: 'the runner is about to be told that a process has other settings',
  },
  'action.adopted': { of: 'controller', at: 'the runner has them' },
  'action.forget': {
    of: 'controller',
    at: 'an exit is in the history; the runner is about to be told to drop it',
  },
  'action.forgotten': { of: 'controller', at: 'the runner has dropped it' },
} as const satisfies Record<string, Failpoint>;

export type FailpointName = keyof typeof TABLE;

/** Every failpoint there is. */
export const FAILPOINTS: Readonly<Record<FailpointName, Failpoint>> = TABLE;
