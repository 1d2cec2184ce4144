import { createHash } from 'node:crypto';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { ACCEPTED } from '../oci.ts';
import { notARegistry, unreachable } from './failures.ts';
import type { RegistrySession } from './session.ts';
import { uploadBlob, type BlobSource } from './upload.ts';

/** A manifest or an index, as a registry has it. */
export interface StoredManifest {
  readonly digest: string;
  readonly mediaType: string;
  readonly text: string;
}

const MAX_DOCUMENT = 8 * 1024 * 1024;

/** Images of one path in a registry: what the distribution specification has of them. */
export class Repository {
  readonly session: RegistrySession;
  readonly name: string;

  constructor(session: RegistrySession, name: string) {
    this.session = session;
    this.name = name;
  }

  get shown(): string {
    return `${this.session.host}/${this.name}`;
  }

  /** By tag or digest; null: there is none. What a digest names is what has it. */
  async manifest(reference: string): Promise<Result<StoredManifest | null, Failure>> {
    const what = `cannot read ${this.shown}${reference.includes(':') ? '@' : ':'}${reference}`;
    const sent = await this.session.send({
      ...{ method: 'GET', url: this.#url(`manifests/${reference}`), scopes: this.#scopes('pull'), what },
      headers: { accept: ACCEPTED },
    });
    if (!sent.ok) return sent;
    if (sent.value.status === 404) {
      await sent.value.body?.cancel().catch(() => undefined);
      return ok(null);
    }
    if (sent.value.status !== 200) return err(await this.session.refusal(sent.value, what));
    const bytes = await this.#bytesOf(sent.value, what);
    if (!bytes.ok) return bytes;
    const digest = digestOf(bytes.value);
    if (reference.includes(':') && reference !== digest) {
      return err(notARegistry(this.session.host, what, `gives something else, ${digest}`));
    }
    const text = bytes.value.toString('utf8');
    const mediaType = (sent.value.headers.get('content-type') ?? '').replace(/;.*$/, '').trim();
    return ok({ digest, mediaType, text });
  }

  /** A small blob, checked against its digest. */
  async document(digest: string): Promise<Result<string, Failure>> {
    const what = `cannot read ${this.shown}@${digest}`;
    const sent = await this.session.ask(
      { method: 'GET', url: this.#url(`blobs/${digest}`), scopes: this.#scopes('pull'), what },
      200,
    );
    if (!sent.ok) return sent;
    const bytes = await this.#bytesOf(sent.value, what);
    if (!bytes.ok) return bytes;
    if (digestOf(bytes.value) === digest) return ok(bytes.value.toString('utf8'));
    return err(notARegistry(this.session.host, what, 'gives something else than that digest'));
  }

  /** A blob as it comes. Whoever keeps it checks what it is. */
  async open(digest: string): Promise<Result<AsyncIterable<Uint8Array>, Failure>> {
    const what = `cannot read ${this.shown}@${digest}`;
    const asked = {
      method: 'GET' as const,
      ...{ url: this.#url(`blobs/${digest}`), scopes: this.#scopes('pull'), what, unbounded: true as const },
    };
    const sent = await this.session.ask(asked, 200);
    if (!sent.ok) return sent;
    return ok(bodyOf(sent.value));
  }

  async has(digest: string): Promise<Result<boolean, Failure>> {
    const what = `cannot push ${this.shown}`;
    const scopes = this.#scopes('pull,push');
    const sent = await this.session.ask(
      { method: 'HEAD', url: this.#url(`blobs/${digest}`), scopes, what },
      200,
      404,
    );
    return sent.ok ? ok(sent.value.status === 200) : sent;
  }

  /** Takes over a blob of another path of the same registry; false: it has to be sent. */
  async mount(digest: string, from: string): Promise<Result<boolean, Failure>> {
    const what = `cannot push ${this.shown}`;
    const query = new URLSearchParams({ mount: digest, from }).toString();
    const scopes = [...this.#scopes('pull,push'), `repository:${from}:pull`];
    const url = this.#url(`blobs/uploads/?${query}`);
    const sent = await this.session.send({ method: 'POST', url, scopes, what });
    // Whoever may not read there may still send it; an upload that was begun instead ends by itself.
    return sent.ok ? ok(sent.value.status === 201) : sent;
  }

  /** Sends a blob, and goes on with one of which a part has come through. */
  async push(blob: BlobSource): Promise<Result<void, Failure>> {
    return uploadBlob(this.session, this.#url('blobs/uploads/'), blob, {
      scopes: this.#scopes('pull,push'),
      what: `cannot push ${this.shown}`,
    });
  }

  async putManifest(reference: string, mediaType: string, text: string): Promise<Result<void, Failure>> {
    const asked = {
      method: 'PUT' as const,
      ...{ url: this.#url(`manifests/${reference}`), scopes: this.#scopes('pull,push') },
      ...{ headers: { 'content-type': mediaType }, body: () => text, what: `cannot push ${this.shown}` },
    };
    const sent = await this.session.ask(asked, 201, 200, 202);
    return sent.ok ? ok(undefined) : sent;
  }

  async #bytesOf(response: Response, what: string): Promise<Result<Buffer, Failure>> {
    const parts: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const part of bodyOf(response)) {
        size += part.length;
        if (size > MAX_DOCUMENT) return err(notARegistry(this.session.host, what, 'answers without end'));
        parts.push(part);
      }
    } catch (error) {
      return err(unreachable(this.session.host, what, error));
    }
    return ok(Buffer.concat(parts));
  }

  #url(path: string): string {
    return `/v2/${this.name}/${path}`;
  }

  #scopes(actions: 'pull' | 'pull,push'): readonly string[] {
    return [`repository:${this.name}:${actions}`];
  }
}

function bodyOf({ body }: Response): AsyncIterable<Uint8Array> {
  return (body ?? new Blob([]).stream()) as ReadableStream<Uint8Array>;
}

export function digestOf(bytes: Buffer | string): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
