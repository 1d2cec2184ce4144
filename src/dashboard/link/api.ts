import type { Failure } from '../../lib/failure.ts';
import { session } from './session.ts';

/** An answer, or what is told in its place. */
export type Answered<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure };

const UNREACHABLE: Failure = {
  code: 'DAEMON_UNREACHABLE',
  message: 'the daemon does not answer',
  hint: 'this page comes back by itself when it does',
};

export function read<T>(path: string, signal?: AbortSignal): Promise<Answered<T>> {
  return ask<T>(path, { method: 'GET', signal: signal ?? null });
}

/** Something that changes things, or takes a body: with the word of the session that no other page knows. */
export function send<T>(path: string, body: unknown): Promise<Answered<T>> {
  return ask<T>(path, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', 'x-stateward-csrf': session.value?.csrf ?? '' },
  });
}

async function ask<T>(path: string, init: RequestInit): Promise<Answered<T>> {
  try {
    const response = await fetch(path, { ...init, credentials: 'same-origin' });
    const text = await response.text();
    if (response.ok) return { ok: true, value: JSON.parse(text) as T };
    if (response.status === 401) session.value = null;
    return { ok: false, error: failureIn(text, response.status) };
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    return { ok: false, error: UNREACHABLE };
  }
}

function failureIn(text: string, status: number): Failure {
  try {
    const { error } = JSON.parse(text) as { error?: Failure };
    if (typeof error?.message === 'string') return error;
  } catch {
    // It is said by something between the daemon and here.
  }
  return { code: 'INTERNAL', message: `the answer makes no sense (status ${status})` };
}
