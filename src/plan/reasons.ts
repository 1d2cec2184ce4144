/**
 * Why something happened or is about to: one closed list for actions, holds, conditions and events.
 * The text is what people read; the docs print this table.
 */
export const REASONS = {
  // configuration
  Created: 'the app is new in the ecosystem file',
  TemplateChanged: 'a field changed that needs a new process',
  LiveFieldsChanged: 'fields changed that need no new process',
  ScaledUp: 'more instances are declared than run',
  ScaledDown: 'fewer instances are declared than run',
  RemovedFromFile: 'the app is not in the ecosystem file any more',
  Deleted: 'an operator deleted the app',
  Unmanaged: 'the process belongs to no app of the desired state',
  // operator
  StoppedByOperator: 'an operator stopped the app',
  StartedByOperator: 'an operator started the app',
  RestartRequested: 'an operator asked for a restart',
  CronRestart: 'its cron_restart came due',
  FileChanged: 'a watched file changed',
  MemoryLimit: 'it used more memory than max_memory_restart for several samples in a row',
  LivenessFailed: 'its liveness probe failed',
  StartupFailed: 'its startup probe did not succeed in time',
  HeartbeatMissed: 'its event loop did not answer',
  DependencyRestarted: 'an app that it depends on was restarted',
  ScheduledRun: 'its schedule came due',
  ScaledByOperator: 'an operator scaled the app',
  OverrideReset: 'apply put back what the file declares',
  NotAutostarted: 'autostart is off and nobody has started the app',
  // life of an instance
  NotRunning: 'an instance is declared and none runs in its slot',
  Started: 'the process was started',
  Ready: 'the instance is ready',
  Exited: 'the process exited by itself',
  Killed: 'the process was ended by a signal that stateward did not send',
  StartFailed: 'the process could not be started',
  StopCompleted: 'the process ended after stateward asked it to',
  KillTimeout: 'the process outlived its grace period and was killed',
  SurvivorsLeft: 'processes of the app outlived its end',
  LogLinesDropped: 'log lines came faster than they could be written',
  LogWriteFailed: 'a log file cannot be written',
  RunnerNotice: 'the runner reported something',
  Superseded: 'a newer instance took its slot',
  DuplicateSlot: 'two processes were found in one slot',
  Adopted: 'a running process was taken over as it is',
  Unverified: 'a process could not be proven to be ours and is left alone',
  ExitRecorded: 'the exit is on record and the instance can be forgotten',
  // waiting
  BackOff: 'the app exited too soon and waits before the next start',
  RestartDelay: 'restart_delay has not passed yet',
  MaxRestartsExceeded: 'the app restarted more often than max_restarts allows',
  Completed: 'the app ended on purpose and is not to be restarted',
  StopExitCode: 'the app exited with one of its stop_exit_codes',
  DependencyNotReady: 'an app that this one depends on is not there yet',
  DependentsFirst: 'apps that depend on this one end before it',
  RolloutInProgress: 'another instance of the app is being replaced first',
  Stopping: 'the process was asked to stop and has not ended yet',
  NotReady: 'the instance runs and has not proven that it is ready',
  MinUptime: 'the process has not been up for min_uptime yet',
  StartBound: 'as many starts are under way as the daemon allows at once',
  // whole app and daemon
  Converged: 'what runs is what is declared',
  RunnerUnreachable: 'the runner does not answer, so nothing is known of the processes',
  ControllerStarted: 'the controller started and read its state back',
  ProjectApplied: 'a new revision of the project was accepted',
} as const;

export type Reason = keyof typeof REASONS;
