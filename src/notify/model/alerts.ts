import { groupOf, type Reason, type ReasonGroup } from '../../plan/model/reasons.ts';
import type { EventRecord } from '../../state/model/types.ts';
import { SEVERITIES, type Severity } from './receiver.ts';

/** Something that can be wrong, as events tell of it: what everybody is told who has no rules. */
export interface Alert {
  readonly topic: Topic;
  /** For people, behind the app, the source, or the host. */
  readonly title: string;
  /** The events that say so. */
  readonly opens: {
    readonly reasons?: readonly Reason[];
    readonly groups?: readonly ReasonGroup[];
    /** The least level; absent: any. */
    readonly level?: Severity;
  };
  /**
   * How it ends. `events`: one with such a reason, about the same. `shown`: no condition of the app has the reason any more.
   * `moment`: it has no end; when it happens again, it is counted.
   */
  readonly ends:
    | { readonly by: 'events'; readonly reasons: readonly Reason[] }
    | { readonly by: 'shown' }
    | { readonly by: 'moment' };
  /** What makes two of them the same; absent: what it is about. */
  readonly apart?: 'reason' | 'version';
}

export type Topic =
  | 'crash-loop'
  | 'failed'
  | 'unfit'
  | 'rollout'
  | 'reload'
  | 'hook'
  | 'trial'
  | 'source-version'
  | 'source-unreachable'
  | 'source-problem'
  | 'put-right'
  | 'source-drift'
  | 'drift'
  | 'promise'
  | 'disk'
  | 'runner'
  | 'receiver'
  | 'settings'
  | 'setting'
  | 'certificate';

/** An app of which nothing is to be expected any more. */
const GONE = ['StoppedByOperator', 'Deleted', 'RemovedFromFile'] as const;

/** The first that an event opens counts. */
export const ALERTS: readonly Alert[] = [
  {
    topic: 'crash-loop',
    title: 'keeps crashing',
    opens: { reasons: ['BackOff', 'MaxRestartsExceeded'], level: 'error' },
    ends: { by: 'events', reasons: ['Converged', ...GONE] },
  },
  {
    topic: 'failed',
    title: 'has failed',
    opens: { groups: ['exit', 'unready', 'proving', 'delay', 'over', 'waiting'], level: 'error' },
    ends: { by: 'events', reasons: ['Converged', ...GONE] },
  },
  {
    topic: 'unfit',
    title: 'was restarted, because it did not work',
    opens: { groups: ['unfit'], level: 'warning' },
    ends: { by: 'moment' },
    apart: 'reason',
  },
  {
    topic: 'rollout',
    title: 'did not take a new version',
    opens: { reasons: ['RolloutFailed'] },
    ends: { by: 'events', reasons: ['RolloutSucceeded', 'Deleted', 'RemovedFromFile'] },
  },
  {
    topic: 'reload',
    title: 'did not take a reload',
    opens: { reasons: ['ReloadFailed'] },
    ends: { by: 'events', reasons: ['ReloadSucceeded', 'RolloutSucceeded', ...GONE] },
  },
  {
    topic: 'hook',
    title: 'has a hook or a job that failed',
    opens: { reasons: ['HookFailed', 'HookTimeout', 'PreStartFailed', 'JobFailed'], level: 'warning' },
    ends: { by: 'moment' },
    apart: 'reason',
  },
  {
    topic: 'trial',
    title: 'was taken back, because nobody confirmed it',
    opens: { reasons: ['TakenBack'] },
    ends: { by: 'moment' },
  },
  {
    topic: 'source-version',
    title: 'has a version that is bad',
    opens: { reasons: ['SourceQuarantined'] },
    ends: { by: 'events', reasons: ['SourceHealthy', 'SourceRemoved'] },
    apart: 'version',
  },
  {
    topic: 'source-unreachable',
    title: 'cannot be looked at',
    opens: { reasons: ['SourceUnreachable'] },
    ends: { by: 'events', reasons: ['SourceReachable', 'SourceRemoved'] },
  },
  {
    topic: 'source-problem',
    title: 'has a problem',
    opens: { reasons: ['SourceHookFailed', 'SourceWentBack', 'WebhookUnheard', 'ReleaseEdited'] },
    ends: { by: 'moment' },
    apart: 'reason',
  },
  {
    topic: 'put-right',
    title: 'had something put right',
    opens: {
      reasons: ['StateRepaired', 'HomeClosed', 'RunnerNotice', 'PortMoved', 'LimitsRestored'],
      level: 'warning',
    },
    ends: { by: 'moment' },
    apart: 'reason',
  },
  {
    topic: 'source-drift',
    title: 'has something made otherwise than it declares',
    opens: { reasons: ['SourceDrifted'] },
    ends: { by: 'events', reasons: ['SourceHealed', 'SourceApplied', 'SourceRemoved'] },
  },
  {
    topic: 'drift',
    title: 'differs from what is declared',
    opens: { groups: ['code', 'drift'], level: 'warning' },
    ends: { by: 'shown' },
    apart: 'reason',
  },
  {
    topic: 'disk',
    title: 'cannot write its state',
    opens: { reasons: ['StateUnwritten'] },
    ends: { by: 'events', reasons: ['StateWritten'] },
  },
  {
    topic: 'promise',
    title: 'lacks what it was promised',
    opens: { groups: ['promise'], level: 'warning' },
    ends: { by: 'shown' },
    apart: 'reason',
  },
  {
    topic: 'runner',
    title: 'has a runner that does not answer',
    opens: { reasons: ['RunnerSilent', 'RunnerUnreachable'], level: 'warning' },
    ends: { by: 'events', reasons: ['RunnerAnswers'] },
  },
  {
    topic: 'receiver',
    title: 'is not reached',
    opens: { reasons: ['ReceiverFailing'] },
    ends: { by: 'events', reasons: ['ReceiverReached', 'ReceiverRemoved'] },
  },
  {
    topic: 'settings',
    title: 'has settings that cannot be read',
    opens: { reasons: ['HomeSettingsBroken'] },
    ends: { by: 'events', reasons: ['HomeSettingsMended'] },
  },
  {
    topic: 'setting',
    title: 'has a setting that cannot be followed',
    opens: { reasons: ['HomeSettingFailed'] },
    ends: { by: 'events', reasons: ['HomeSettingFollowed'] },
  },
  {
    topic: 'certificate',
    title: 'has a certificate that cannot be used, or not for long',
    opens: { reasons: ['CertificateUnusable', 'CertificateEnds'] },
    ends: { by: 'events', reasons: ['CertificateTaken', 'HttpClosed'] },
  },
];

const BY_TOPIC: ReadonlyMap<Topic, Alert> = new Map(ALERTS.map((alert) => [alert.topic, alert]));

export function alertOf(topic: Topic): Alert | undefined {
  return BY_TOPIC.get(topic);
}

/** What an event says is wrong; undefined: it does not say that anything is. */
export function openedBy(event: Pick<EventRecord, 'reason' | 'level'>): Alert | undefined {
  return ALERTS.find(({ opens }) => {
    const { reasons = [], groups = [], level } = opens;
    const group = groupOf(event.reason);
    if (!reasons.includes(event.reason) && (group === undefined || !groups.includes(group))) return false;
    return level === undefined || isAtLeast(event.level, level);
  });
}

export function isAtLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(least);
}

/** Whether nothing will tell that it is over: what a condition of an app shows has no end where it is about no app. */
export function isMoment(topic: Topic, about: { readonly app: string | null }): boolean {
  const by = alertOf(topic)?.ends.by;
  return by === 'moment' || (by === 'shown' && about.app === null);
}
