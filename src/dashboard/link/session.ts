import { signal } from '@preact/signals';

/** Who this browser is to the daemon. */
export interface Session {
  readonly access: 'read' | 'write';
  readonly name: string;
  readonly expiresAt: string | null;
  /** Sent with what changes something. */
  readonly csrf: string;
}

/** undefined: it is not known yet; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);

/** Why nobody is logged in; null: nothing was tried. */
export const refusal = signal<string | null>(null);

/** Takes the token out of the address, where it may stand, and logs in with it; else asks who is logged in. */
export async function begin(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) {
    // It is not to stay in the address bar or in the history.
    history.replaceState(null, '', location.pathname + location.search);
    if (await logIn(token)) return;
  }
  const known = await fetch('/session', { credentials: 'same-origin' }).catch(() => null);
  if (known === null) return void setTimeout(() => void begin(), 1_000);
  session.value = known.ok ? ((await known.json()) as Session) : null;
}

/** Whether it was taken. */
export async function logIn(token: string): Promise<boolean> {
  const answer = await fetch('/session', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  }).catch(() => null);
  if (answer?.ok === true) {
    session.value = (await answer.json()) as Session;
    refusal.value = null;
    return true;
  }
  const said = (await answer?.json().catch(() => null)) as
    { error?: { message?: string } } | null | undefined;
  refusal.value = said?.error?.message ?? 'the daemon does not answer';
  return false;
}

export async function logOut(): Promise<void> {
  await fetch('/session', {
    method: 'DELETE',
    credentials: 'same-origin',
    headers: { 'x-stateward-csrf': session.value?.csrf ?? '' },
  }).catch(() => null);
  session.value = null;
}

/** Why a button that changes something does nothing here; null: it does. */
export function whyReadOnly(): string | null {
  return session.value?.access === 'write'
    ? null
    : 'read-only: stateward dash --write opens a dashboard that can change things';
}
