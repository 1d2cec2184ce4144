import type { Failure } from '../../lib/failure.ts';
import type { Result } from '../../lib/result.ts';

/** Sends a request that says who asks; to a daemon of before, which cannot be told, without. */
export async function sendAs<Q extends object, A>(
  by: string,
  request: Q,
  send: (request: Q & { readonly by?: string }) => Promise<Result<A, Failure>>,
): Promise<Result<A, Failure>> {
  const asked = await send({ ...request, by });
  return asked.ok || asked.error.code !== 'BAD_REQUEST' ? asked : send(request);
}
