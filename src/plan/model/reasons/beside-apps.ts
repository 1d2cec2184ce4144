/** Reasons that are about what stands beside the apps, grouped as the others in reasons.ts. */
export const BESIDE_APPS = {
  /** Sources that the daemon looks at by itself. */
  source: {
    SourceDeclared: 'a source was declared, or declared otherwise',
    SourceRemoved: 'a source was removed, and what it has declared runs on',
    SourceUnreachable: 'a source cannot be looked at, and what it has declared runs on',
    SourceReachable: 'a source can be looked at again',
    SourceApplied: 'a version of a source was accepted',
    SourceHealthy: 'every app of a version of a source has proven itself',
    SourceQuarantined: 'a version of a source is bad, and is not tried again',
    SourceDrifted: 'somebody has made something otherwise than a source declares it',
    SourceHealed: 'what differed from the applied version of a source was taken back',
    SourceHeard:
      'a version of a source waits for another host, or that host has said what became of it there',
    SourceTold: 'hosts that wait for this one were told what became of a version',
    SourceUntold: 'hosts that wait for this one could not be told what became of a version',
    ReleaseEdited: 'somebody has edited files of a release that apps run from',
    WebhookUnheard: 'nothing listens for webhooks where sources declare it',
    SourceHookFailed: 'a command that was to run after a version of a source has failed',
    SourceWentBack: 'what a bad version of a source had declared was taken back to the last good one',
    SourceSuspended: 'an operator suspended a source',
    SourceResumed: 'an operator resumed a source',
  },
  /** Those who are told what happens. */
  receiver: {
    ReceiverDeclared: 'a receiver of notifications was declared, or declared otherwise',
    ReceiverRemoved: 'a receiver of notifications was removed',
    ReceiverFailing: 'a receiver cannot be reached, and what it is to be told waits',
    ReceiverReached: 'a receiver is reached again',
    NotificationGivenUp: 'a receiver did not take a message for a day, and the message is not tried again',
  },
  /** Who may ask over the network, and where. */
  network: {
    HttpListening: 'the daemon listens for browsers and other machines',
    HttpClosed: 'the daemon does not listen for browsers and other machines any more',
    CertificateUnusable: 'the certificate of the listener cannot be used, and what was used before is kept',
    CertificateEnds: 'the certificate of the listener ends soon, or has ended',
    CertificateTaken: 'the listener uses another certificate',
    TokenCreated: 'an operator created a token',
    TokenDeleted: 'an operator deleted a token, and who used it was let go',
    SessionsEnded: 'an operator ended sessions of browsers, and what they read',
  },
  /** What the owner of the home has set. */
  settings: {
    HomeSettingsChanged: 'other settings of the home were taken over',
    HomeSettingsBroken: 'the file with the settings of the home cannot be used, and the last good ones hold',
    HomeSettingFailed: 'a setting of the home cannot be followed',
    HomeSettingFollowed: 'a setting of the home that could not be followed holds now',
    HomeSettingsMended: 'the file with the settings of the home can be used again',
  },
  /** The whole app, or stateward itself. */
  host: {
    Converged: 'what runs is what is declared',
    RunnerUnreachable: 'the runner does not answer, so the state of the processes is unknown',
    RunnerSilent: 'the runner does not answer: the processes are shown as they were last seen',
    RunnerAnswers: 'the runner answers again',
    RunnerNotice: 'the runner reported something',
    HomeClosed: 'something in the home could be accessed by others, and is closed to them now',
    StateRepaired: 'a state file was damaged or gone, and was put right',
    EventsTrimmed: 'the oldest events were removed: their file was longer than limits.events_mb',
    StateWritten: 'the state can be written again, and everything is on disk',
    ControllerStarted: 'the controller started and read its state back',
  },
} as const;
