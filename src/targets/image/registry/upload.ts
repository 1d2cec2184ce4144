import { setTimeout as sleep } from 'node:timers/promises';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { notARegistry } from './failures.ts';
import type { Asked, RegistrySession } from './session.ts';

/** Bytes that can be read again. */
export interface BlobSource {
  readonly digest: string;
  readonly size: number;
  /** From a byte on. */
  readonly open: (from: number) => AsyncIterable<Uint8Array>;
}

type How = Pick<Asked, 'scopes' | 'what'>;

const TRIES = 4;
const PAUSE_MS = 500;

/** An upload that was begun. */
interface Begun {
  readonly url: string;
  /** Bytes that the registry has. */
  readonly at: number;
}

/**
 * Sends a blob to `start`: begins an upload, sends all of it, closes it with the digest. Where the connection breaks it
 * goes on from what the registry has, or from the beginning where the registry does not know that upload any more.
 */
export async function uploadBlob(
  session: RegistrySession,
  start: string,
  blob: BlobSource,
  how: How,
): Promise<Result<void, Failure>> {
  let begun: Begun | null = null;
  let failure: Failure | null = null;
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await sleep(PAUSE_MS * tries);
    if (begun === null) {
      const answer = await session.ask({ method: 'POST', url: start, ...how }, 202, 201);
      if (!answer.ok) return answer;
      begun = begunBy(answer.value, 0);
      if (begun === null)
        return err(notARegistry(session.host, how.what, 'begins an upload without saying where'));
    }
    const sent = await sendRest(session, begun, blob, how);
    if (sent.ok) return sent;
    if (sent.error.code !== 'REGISTRY_UNREACHABLE') return sent;
    failure = sent.error;
    begun = await stateOf(session, begun.url, how);
  }
  if (failure === null) throw new Error('no try has failed');
  return err(failure);
}

async function sendRest(
  session: RegistrySession,
  { url, at }: Begun,
  blob: BlobSource,
  how: How,
): Promise<Result<void, Failure>> {
  let open = url;
  if (at < blob.size) {
    const headers = {
      'content-type': 'application/octet-stream',
      'content-length': String(blob.size - at),
      ...(at > 0 && { 'content-range': `${at}-${blob.size - 1}` }),
    };
    const body = (): ReadableStream<Uint8Array> => ReadableStream.from(blob.open(at));
    const sent = await session.ask(
      { method: 'PATCH', url, headers, body, ...how, unbounded: true },
      202,
      204,
    );
    if (!sent.ok) return sent;
    open = begunBy(sent.value, 0)?.url ?? url;
  }
  const closing = new URL(open, 'https://registry.invalid');
  closing.searchParams.set('digest', blob.digest);
  const path =
    closing.origin === 'https://registry.invalid' ? closing.pathname + closing.search : closing.href;
  const closed = await session.ask({ method: 'PUT', url: path, ...how, unbounded: true }, 201, 204);
  return closed.ok ? ok(undefined) : closed;
}

/** What the registry has of it; null: nothing that can be gone on with. */
async function stateOf(session: RegistrySession, url: string, how: How): Promise<Begun | null> {
  const sent = await session.send({ method: 'GET', url, ...how });
  if (!sent.ok || sent.value.status !== 204) return null;
  const last = /^(?:bytes=)?0-(\d+)$/.exec(sent.value.headers.get('range') ?? '')?.[1];
  // `0-0` is what it says of none and of one.
  return last === undefined || last === '0' ? null : begunBy(sent.value, Number(last) + 1, url);
}

function begunBy(response: Response, at: number, otherwise: string | null = null): Begun | null {
  const location = response.headers.get('location') ?? otherwise;
  return location === null ? null : { url: location, at };
}
