import { BESIDE_APPS } from './reasons/beside-apps.ts';

/** Why something happened or is about to, grouped by what the reasons have in common. The docs print this table. */
const TEXTS = {
  /** What a file or `apply` says. */
  declared: {
    Created: 'the app is new in the ecosystem file',
    TemplateChanged: 'a field changed that needs a new process',
    LiveFieldsChanged: 'fields changed that need no new process',
    ScaledUp: 'more instances are declared than run',
    ScaledDown: 'fewer instances are declared than run',
    RemovedFromFile: 'the app is no longer in the ecosystem file',
    Unmanaged: 'the process belongs to no app of the desired state',
    NotAutostarted: 'autostart is off, and nobody has started the app',
    OverrideReset: 'apply put back what the file declares',
    ProjectApplied: 'a new revision of the project was accepted',
    OnTrial: 'the revision is taken back unless somebody confirms it',
    Confirmed: 'a revision that was on trial was confirmed',
    TakenBack: 'a revision that was on trial was not confirmed in time',
  },
  /** The code of an app, compared with that of its processes. */
  code: {
    CodeChanged: 'the code differs from what the process was started from',
    CodeNewer: 'code newer than the process',
    SecretRotated: 'a secret differs from what the process was started with',
    SecretNewer: 'secret newer than the process',
    SecretUnresolved: 'a secret that the next start needs cannot be read',
    CodeNotCompared: 'code newer than the process, and not compared (code: off)',
    CodeUnreadable: 'the code of the app cannot be read, so nothing is known about it',
    CodePartly: 'only part of the code of the app is compared',
  },
  /** What has been changed beside stateward. */
  drift: {
    DeclarationChanged: 'the ecosystem file is not as it was applied',
    DeclarationGone: 'the ecosystem file that declares the app is not there any more',
    EnvFileChanged: 'an env_file has other variables than were applied',
    MarkedStranger: 'a process carries the marks of the app, and stateward did not start it',
    LimitsRestored: 'somebody gave a process other limits than are declared, and it was given those again',
    DriftEnded: 'what was changed beside stateward is as declared again',
  },
  /** How one version replaces another. */
  rollout: {
    RolloutSucceeded: 'the new version proved itself and replaced the previous one',
    RolloutFailed: 'the new version failed, and the previous one is kept',
    RolloutPaused: 'the rollout waits for somebody to resume it',
    RolloutResumed: 'the rollout goes on',
    RolloutSuperseded: 'a newer version came before this one proved itself',
    RolloutDeadline: 'the rollout made no progress within its deadline',
    RolloutInProgress: 'another instance of the app is being replaced first',
    ReadyTimeout: 'the instance did not become ready in time',
    RolledBack: 'the new version failed, and the app went back to the previous one',
    Replaced: 'a newer instance took its place',
  },
  /** Commands that run at moments in the life of an app. */
  hook: {
    HookStarted: 'a hook of the app was started',
    HookSucceeded: 'a hook of the app ended well',
    HookFailed: 'a hook of the app failed',
    HookRunning: 'a hook of the app is running',
    HookTimeout: 'a hook of the app was ended, because it took longer than its timeout',
    HookSuperseded: 'a newer release came, and the hook of the older one was ended',
    PreStartFailed: 'the pre_start hook of the new version failed, and no process was touched',
    NewRelease: 'a new release of the app is about to start',
    JobFailed: 'a job that runs with every release failed, and apps that wait for it keep what they run',
  },
  /** Processes that read their settings again, and stay. */
  reload: {
    SettingsChanged: 'files changed that the app reads again on a reload',
    ReloadInProgress: 'instances of the app read their settings again, one after the other',
    ReloadSucceeded: 'every instance has read its settings again',
    ReloadFailed: 'an instance did not take a reload, and the others keep what they had',
  },
  /** What a person asked for. */
  operator: {
    StoppedByOperator: 'an operator stopped the app',
    StartedByOperator: 'an operator started the app',
    RestartRequested: 'an operator asked for a restart',
    ReloadRequested: 'an operator asked for a reload',
    ScaledByOperator: 'an operator scaled the app',
    OverrideEnded: 'what an operator asked for was for a while, and that is over',
    Deleted: 'an operator deleted the app',
    LogsEmptied: 'an operator emptied log files of the app',
    SignalSent: 'an operator sent a signal to the app',
    Exec: 'an operator ran a command in the surroundings of the app',
    ProjectFrozen: 'an operator froze the project: changes are refused',
    ProjectUnfrozen: 'changes of the project are taken again',
    CountersReset: 'an operator set the restart counters of the app to 0',
  },
  /** What came due, or happened elsewhere. */
  trigger: {
    CronRestart: 'its cron_restart came due',
    FileChanged: 'a watched file changed',
    DependencyRestarted: 'an app that it depends on was restarted',
    ScheduledRun: 'its schedule came due',
    ReleaseChanged: 'the release changed, and the job runs once with every one',
    RunSkipped: 'its schedule came due, and the run was skipped',
    NotDue: 'the app runs on a schedule, and no run is due',
    WaitsForSchedule: 'the app waits for the next time of its schedule',
    MessageReceived: 'the app sent a message',
    ErrorReported: 'the app reported an error',
  },
  /** A process that runs but does not work: stateward restarts it, though nobody asked. */
  unfit: {
    MemoryLimit: 'it used more memory than max_memory_restart for several samples in a row',
    LivenessFailed: 'its liveness probe failed',
    StartupFailed: 'its startup probe did not succeed in time',
    HeartbeatMissed: 'its event loop did not answer',
    WatchdogMissed: 'it did not say for longer than its watchdog allows that it is alive',
  },
  /** An end that nobody asked for. */
  exit: {
    Exited: 'the process exited by itself',
    Killed: 'a signal ended the process that stateward did not send by itself',
    StartFailed: 'the process could not be started',
    HostRestarted: 'the host was started again',
  },
  /** What an instance lacks to be ready. */
  unready: {
    NotReady: 'the instance runs, but has not proven that it is ready',
    NotListening: 'the instance runs, but does not listen as the others do',
  },
  /** Only time makes an instance ready, or available. */
  proving: {
    MinUptime: 'the process has not been up for min_uptime (3 s at most) yet',
    MinReady: 'the instance has not been ready for min_ready yet',
  },
  /** Only time ends the wait for a start. */
  delay: {
    BackOff: 'the app exited too soon, and waits before the next start',
    RestartDelay: 'restart_delay has not passed yet',
  },
  /** No start follows an end. */
  over: {
    MaxRestartsExceeded: 'the app restarted more often than max_restarts allows',
    Completed: 'the app ended on purpose, and is not restarted',
    StopExitCode: 'the app exited with one of its stop_exit_codes',
  },
  /** A process is on its way out. */
  ending: {
    Stopping: 'the process was asked to stop, and has not ended yet',
    EndingLeftovers: 'processes that an ended process left behind are ended first',
  },
  /** Another app has to move first. */
  waiting: {
    DependencyNotReady: 'an app that this one depends on does not meet its condition yet',
    DependentsFirst: 'apps that depend on this one end before it',
  },
  /** What becomes of an instance. */
  life: {
    NotRunning: 'an instance is declared, but none runs in its slot',
    Started: 'a process was started',
    Ready: 'the instance is ready',
    StopCompleted: 'the process ended after stateward asked it to',
    ShutdownFailed: 'the command that was to end the app failed, and the app got its stop signal',
    KillTimeout: 'the process outlived its grace period and was killed',
    DuplicateSlot: 'two processes were found in one slot',
    Adopted: 'a running process was taken over unchanged',
    FoundByMark: 'the runner had no record of a process, and took it over by the mark that it carries',
    Unverified: 'a process could not be proven to belong to stateward, and is left alone',
    ExitRecorded: 'the exit is on record, and the instance can be forgotten',
  },
  /** What an app was promised, kept or lost. */
  promise: {
    PortTaken: 'another process holds the port of the app',
    PortNotOpen: 'a ready instance does not listen on a port that the app declares',
    NoPortFree: 'no port is left to choose from for the app',
    PortMoved: 'another process holds a port that was chosen for the app, and another one was chosen',
    SurvivorsLeft: 'processes of the app outlived it',
    LogLinesDropped: 'log lines came faster than they could be written',
    LogWriteFailed: 'a log file cannot be written',
    LogTimesLost: 'the times of log lines cannot be kept',
    LogRotationFailed: 'a log file cannot be rotated, and grows beyond its limit',
    OutputLost: 'what a process writes cannot be read any more',
    LedgerNotWritten: 'what the runner has started cannot be written down',
    SocketsLost: 'agents of the app did not hand its sockets over: no new instance can share them',
    Watching: 'files are watched',
    WatchFailed: 'files cannot be watched',
    LimitsSet: 'the kernel holds the app to its limits',
    LimitsUnavailable: 'the app runs without its limits',
    RunnerTooOld: 'the app declares what a runner of an earlier version does not know',
    NotifyUnheard: 'nobody hears what the app says by sd_notify',
    ReportsDropped: 'the app reports or offers more than is kept of it',
    StateUnwritten: 'what was changed is not on disk yet, and a restart of the controller would forget it',
    Mended: 'a problem of the app is solved',
  },
  ...BESIDE_APPS,
} as const;

type Texts = typeof TEXTS;

export type ReasonGroup = keyof Texts;

/** One closed list for actions, holds, conditions and events. */
export type Reason = { [Group in ReasonGroup]: keyof Texts[Group] }[ReasonGroup];

const GROUPED = Object.entries(TEXTS).flatMap(([group, texts]) =>
  Object.entries(texts).map(([reason, text]) => ({ reason, text, group: group as ReasonGroup })),
);

/** The text of each reason, for people. */
export const REASONS = Object.fromEntries(GROUPED.map(({ reason, text }) => [reason, text])) as Readonly<
  Record<Reason, string>
>;

const GROUPS: ReadonlyMap<string, ReasonGroup> = new Map(GROUPED.map(({ reason, group }) => [reason, group]));

/** The group of a reason; undefined if a newer stateward gave the reason. */
export function groupOf(reason: string): ReasonGroup | undefined {
  return GROUPS.get(reason);
}
