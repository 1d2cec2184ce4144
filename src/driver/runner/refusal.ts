import type { Failure } from '../../lib/failure.ts';
import { PROTOCOL_VERSION, refusalToDrive } from '../../runner/protocol/version.ts';
import type { Answer } from './connection.ts';

/** Why this program is not to drive the runner that has answered so; null: it is, or there was no answer yet. */
export function refusalIn(hello: Answer, version: string): Failure | null {
  if (hello.ok) {
    if (hello.result.kind !== 'hello') return null;
    const refusal = refusalToDrive({ protocol: PROTOCOL_VERSION, version }, hello.result);
    return refusal === null ? null : { code: 'RUNNER_NEWER', ...refusal };
  }
  const { code, message, hint } = hello;
  if (code === 'disconnected' || code === 'busy') return null;
  return { code: 'RUNNER_NEWER', message, ...(hint !== undefined && { hint }) };
}
