import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { Failure } from '../../lib/failure.ts';
import type { Answered } from '../link/api.ts';
import { whyReadOnly } from '../link/session.ts';

/** What became of the last thing that was asked for. */
export const told = signal<{ readonly text: string } | { readonly failure: Failure } | null>(null);

interface ActProps {
  readonly children: ComponentChildren;
  readonly onAct: () => Promise<Answered<unknown>>;
  /** Said when it was taken. */
  readonly done?: string;
  /** Why it cannot be done now; null or absent: it can. */
  readonly off?: string | null;
  readonly tone?: 'danger' | 'primary';
  /** It changes nothing, and so is there for everybody. */
  readonly reads?: boolean;
}

/** A button that changes something. One that is off says why, and can still be reached and read. */
export function Act({ children, onAct, done, off = null, tone, reads = false }: ActProps) {
  const [busy, setBusy] = useState(false);
  const why = (reads ? null : whyReadOnly()) ?? off;
  const act = async (): Promise<void> => {
    if (why !== null || busy) return;
    setBusy(true);
    const answer = await onAct();
    setBusy(false);
    if (!answer.ok) told.value = { failure: answer.error };
    else if (done !== undefined) told.value = { text: done };
  };
  return (
    <button
      type="button"
      class={tone ?? ''}
      aria-disabled={why !== null || busy}
      aria-busy={busy}
      title={why ?? undefined}
      onClick={() => void act()}
    >
      {children}
    </button>
  );
}

/** Says beside buttons, once, why they are off. */
export function WhyOff() {
  const why = whyReadOnly();
  return why === null ? null : <p class="why-off">{why}</p>;
}
