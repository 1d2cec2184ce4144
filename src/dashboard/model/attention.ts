import type { App, InstanceStatus } from '../../api/contract/wire/apps.ts';
import type { HealthStatus } from '../../plan/model/health.ts';

/** How bad it is: the colour of what is said. */
export type Tone = 'good' | 'info' | 'warn' | 'bad' | 'quiet';

/** Why somebody should look at an app. */
export interface Attention {
  /** Higher comes first. */
  readonly rank: number;
  readonly tone: Tone;
  /** The most important first; each with the way out, where the daemon knows one. */
  readonly why: readonly string[];
}

export const HEALTH_TONES: Readonly<Record<HealthStatus, Tone>> = {
  Healthy: 'good',
  Completed: 'good',
  Progressing: 'info',
  Suspended: 'warn',
  Stopped: 'quiet',
  Degraded: 'bad',
  CrashLoop: 'bad',
  Failed: 'bad',
  Missing: 'bad',
};

const RANKS: Partial<Record<HealthStatus, number>> = {
  Failed: 90,
  CrashLoop: 80,
  Missing: 70,
  Degraded: 60,
  Suspended: 40,
};

/** null: the app is as it should be, or on its way there. */
export function attentionOf({ status, source }: App): Attention | null {
  const { health, sync, why, problems = [], drift = [], rollout } = status;
  const lasting = drift.filter(({ heals }) => heals !== 'now');
  const failed = rollout?.state === 'failed' || (rollout?.state === 'paused' && rollout.reason !== null);
  const isPaused = rollout?.state === 'paused' && !failed;
  const sourceProblem = source?.problem ?? null;
  const said = [
    ...(RANKS[health] !== undefined ? [why ?? health] : []),
    ...(failed
      ? [`rollout of revision ${rollout.revision} failed: ${rollout.message ?? 'no reason is known'}`]
      : []),
    ...problems.map(({ message }) => message),
    ...(isPaused ? [`rollout is paused${rollout.pausedBy === null ? '' : ` by ${rollout.pausedBy}`}`] : []),
    ...lasting.map(({ message, hint }) => `${message}; ${hint}`),
    ...(sourceProblem === null ? [] : [`source: ${sourceProblem}`]),
  ];
  if (said.length === 0 && sync !== 'Unknown') return null;
  const rank = Math.max(
    RANKS[health] ?? 0,
    failed ? 55 : 0,
    problems.length > 0 ? 50 : 0,
    isPaused ? 30 : 0,
    lasting.length > 0 ? 20 : 0,
    10,
  );
  const tone = rank >= 50 ? 'bad' : 'warn';
  const unknown = 'nobody can see what runs at the moment';
  return { rank, tone, why: [...new Set(said.length === 0 ? [unknown] : said)] };
}

/** Apps of a project that somebody should look at for the very same reason. */
export interface AttentionGroup {
  readonly attention: Attention;
  /** One at least. */
  readonly apps: readonly App[];
}

/** What to look at, the worst first: a reason that all apps of a project share, as a changed file, is one thing. */
export function attentionGroups(all: readonly App[]): readonly AttentionGroup[] {
  const groups = new Map<string, { attention: Attention; apps: App[] }>();
  for (const app of all) {
    const attention = attentionOf(app);
    if (attention === null) continue;
    const key = [app.project, ...attention.why].join('\n');
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { attention, apps: [app] });
    else group.apps.push(app);
  }
  return [...groups.values()].sort((one, other) => other.attention.rank - one.attention.rank);
}

/** A process that has ended is bad only where its app is: a run that is done is as it should be. */
export function instanceTone({ ready, state }: InstanceStatus, health: HealthStatus): Tone {
  if (ready) return 'good';
  if (state !== 'exited') return 'info';
  return HEALTH_TONES[health] === 'bad' || health === 'Progressing' ? 'bad' : 'quiet';
}
