import type { ComponentChildren } from 'preact';
import type { HealthStatus, SyncStatus } from '../../plan/model/health.ts';
import { HEALTH_TONES, type Tone } from '../model/attention.ts';

/** Marks that tell states apart without their colours. */
const MARKS: Readonly<Record<Tone, string>> = { good: '●', info: '◐', warn: '▲', bad: '■', quiet: '○' };

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: ComponentChildren }) {
  return (
    <span class={`badge ${tone}`}>
      <span aria-hidden="true">{MARKS[tone]}</span>
      {children}
    </span>
  );
}

export function Health({ health }: { readonly health: HealthStatus }) {
  return <Badge tone={HEALTH_TONES[health]}>{health}</Badge>;
}

const SYNC_TONES: Readonly<Record<SyncStatus, Tone>> = {
  Synced: 'quiet',
  OutOfSync: 'warn',
  Unknown: 'warn',
};

/** Whether what runs is what is declared: never the same word as whether it works. */
export function Sync({ sync }: { readonly sync: SyncStatus }) {
  const tone = SYNC_TONES[sync];
  return (
    <span class={`sync ${tone}`}>
      <span aria-hidden="true">{sync === 'Synced' ? '✓' : '≠'}</span>
      {sync}
    </span>
  );
}
