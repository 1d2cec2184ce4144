import { isObject } from '../../lib/checks.ts';

/**
 * What a payload says that it is about; null: it does not say, or it cannot be read. It is used for nothing but to leave
 * out a fetch that would find nothing.
 */
export function pushedRef(body: Buffer): string | null {
  try {
    const payload: unknown = JSON.parse(body.toString('utf8'));
    const ref = isObject(payload) ? payload.ref : null;
    return typeof ref === 'string' && ref.startsWith('refs/') && ref.length < 1024 ? ref : null;
  } catch {
    return null;
  }
}

/** Whether a fetch would find nothing new: a branch that is not followed was pushed. Tags can be anything. */
export function isNeedless(pushed: string | null, followed: string | null): boolean {
  if (pushed === null || followed === null) return false;
  return pushed.startsWith('refs/heads/') && followed.startsWith('refs/heads/') && pushed !== followed;
}
