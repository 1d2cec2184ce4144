import type { IncomingMessage } from 'node:http';
import { isObject } from '../../lib/checks.ts';

/** The body of a request as JSON (undefined when it has none), or the status and words of a refusal. */
export type BodyOutcome =
  | { readonly kind: 'body'; readonly body: unknown }
  | { readonly kind: 'refused'; readonly status: number; readonly problem: string }
  /** The client went away. */
  | { readonly kind: 'gone' };

/** Reads the body up to a limit; the rest of a larger one stays unread. */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyOutcome> {
  const tooLarge = { kind: 'refused', status: 413, problem: `the body is over ${maxBytes} bytes` } as const;
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return tooLarge;
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    // The request must survive: the refusal goes out over the same connection.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) return tooLarge;
      chunks.push(chunk);
    }
  } catch {
    return { kind: 'gone' };
  }
  if (bytes === 0) return { kind: 'body', body: undefined };
  if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
    return { kind: 'refused', status: 415, problem: 'the body must be application/json' };
  }
  return parseBody(Buffer.concat(chunks).toString('utf8'));
}

/** Parses the text of a body. */
export function parseBody(text: string): BodyOutcome {
  try {
    const body: unknown = JSON.parse(text);
    return isObject(body)
      ? { kind: 'body', body }
      : { kind: 'refused', status: 400, problem: 'the body must be a JSON object' };
  } catch {
    return { kind: 'refused', status: 400, problem: 'the body is not JSON' };
  }
}
