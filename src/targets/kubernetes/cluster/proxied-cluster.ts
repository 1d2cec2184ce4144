import { request, type IncomingMessage } from 'node:http';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { errorMessage } from '../../../lib/system-error.ts';
import { isFields, listAt, textAt } from '../live/fields.ts';
import { FIELD_MANAGER, liveObject, objectKey, type LiveObject } from '../live/live-object.ts';
import type { KubernetesObject } from '../objects.ts';
import type { Cluster, PodLogOptions } from './cluster.ts';
import { discover, type Served } from './discovery.ts';
import { isKind, pathOf, type Kind } from './kinds.ts';
import { hasNoLog, isAbsent, refusal, unreachable, type ClusterPlace } from './refusals.ts';

const ANSWER_MS = 30_000;
/** An apply patch is YAML by its name, and JSON is YAML. */
const APPLY_PATCH = 'application/apply-patch+yaml';

interface Question {
  readonly method: 'GET' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: { readonly type: string; readonly text: string };
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** The API of a cluster behind a socket. */
export class ProxiedCluster implements Cluster {
  readonly #socket: string;
  readonly #place: ClusterPlace;
  readonly #served: Served;
  readonly #answerMs: number;

  private constructor(socket: string, place: ClusterPlace, served: Served, answerMs: number) {
    this.#socket = socket;
    this.#place = place;
    this.#served = served;
    this.#answerMs = answerMs;
  }

  /** Asks which versions of the API there are: the first question finds out whether anybody answers. */
  static async open(
    socket: string,
    place: ClusterPlace,
    answerMs = ANSWER_MS,
  ): Promise<Result<Cluster, Failure>> {
    const nothing: Served = { versions: new Map(), minor: null };
    const asking = new ProxiedCluster(socket, place, nothing, answerMs);
    const served = await discover((path, subject) => asking.#json({ method: 'GET', path }, subject));
    return served.ok ? ok(new ProxiedCluster(socket, place, served.value, answerMs)) : served;
  }

  get minor(): number | null {
    return this.#served.minor;
  }

  async list(kind: Kind, selector?: string): Promise<Result<readonly LiveObject[], Failure>> {
    const path = this.#path(kind);
    // What a server does not know, it has none of.
    if (!path.ok) return ok([]);
    const query = selector === undefined ? '' : `?labelSelector=${encodeURIComponent(selector)}`;
    const answer = await this.#json({ method: 'GET', path: path.value + query }, `the list of ${kind}s`);
    if (!answer.ok) return answer;
    // Items do not say what they are; the list does.
    const apiVersion = textAt(answer.value, 'apiVersion');
    return ok(
      listAt(answer.value, 'items')
        .map((item) => liveObject({ apiVersion, ...item }, kind))
        .filter((object) => object !== null),
    );
  }

  async get(kind: Kind, name: string): Promise<Result<LiveObject | null, Failure>> {
    const path = this.#path(kind, name);
    if (!path.ok) return ok(null);
    const answer = await this.#ask({ method: 'GET', path: path.value });
    if (!answer.ok) return answer;
    if (isAbsent(answer.value.status, answer.value.body)) return ok(null);
    return this.#object(answer.value, kind, name);
  }

  async apply(
    object: KubernetesObject | LiveObject,
    { dryRun, force }: { readonly dryRun: boolean; readonly force: boolean },
  ): Promise<Result<LiveObject, Failure>> {
    const { kind, metadata } = object;
    if (!isKind(kind)) throw new Error(`no kind of ours: ${kind}`);
    const apiVersion = this.#version(kind);
    if (!apiVersion.ok) return apiVersion;
    const query = new URLSearchParams({ fieldManager: FIELD_MANAGER, fieldValidation: 'Strict' });
    if (force) query.set('force', 'true');
    if (dryRun) query.set('dryRun', 'All');
    const path = pathOf(kind, apiVersion.value, this.#place.namespace, metadata.name);
    const body = { type: APPLY_PATCH, text: JSON.stringify({ ...object, apiVersion: apiVersion.value }) };
    const answer = await this.#ask({ method: 'PATCH', path: `${path}?${query.toString()}`, body });
    return answer.ok ? this.#object(answer.value, kind, metadata.name) : answer;
  }

  async remove(object: LiveObject): Promise<Result<void, Failure>> {
    const { kind, metadata } = object;
    if (!isKind(kind)) throw new Error(`no kind of ours: ${kind}`);
    const path = this.#path(kind, metadata.name);
    if (!path.ok) return ok(undefined);
    const options = { propagationPolicy: 'Background', preconditions: { uid: textAt(metadata, 'uid') } };
    const body = { type: 'application/json', text: JSON.stringify(options) };
    const answer = await this.#ask({ method: 'DELETE', path: path.value, body });
    if (!answer.ok) return answer;
    const { status } = answer.value;
    if (isGood(status) || isAbsent(status, answer.value.body)) return ok(undefined);
    return err(refusal(answer.value, objectKey(object), this.#place));
  }

  async *logs(
    pod: string,
    { container, lines, follow, since, previous }: PodLogOptions,
  ): AsyncIterable<Result<string, Failure>> {
    const query = new URLSearchParams({ timestamps: 'true', container });
    if (lines !== null) query.set('tailLines', String(lines));
    if (follow) query.set('follow', 'true');
    if (since !== undefined) query.set('sinceTime', since);
    if (previous) query.set('previous', 'true');
    const path = `${pathOf('Pod', 'v1', this.#place.namespace, pod)}/log?${query.toString()}`;
    try {
      const response = await this.#open({ method: 'GET', path });
      if (isGood(response.statusCode ?? 0)) for await (const line of linesOf(response)) yield ok(line);
      else {
        const answer = await whole(response);
        if (!hasNoLog(answer)) yield err(refusal(answer, `the log of the pod ${pod}`, this.#place));
      }
    } catch (error) {
      yield err(unreachable(errorMessage(error), this.#place));
    }
  }

  #version(kind: Kind): Result<string, Failure> {
    const version = this.#served.versions.get(kind);
    if (version !== undefined) return ok(version);
    return err({
      code: 'TARGET_REFUSED',
      message: `the cluster of context ${this.#place.context} knows no ${kind} of a version that is known here`,
      hint: 'Kubernetes 1.21 or newer has all of them',
    });
  }

  #path(kind: Kind, name?: string): Result<string, Failure> {
    const version = this.#version(kind);
    return version.ok ? ok(pathOf(kind, version.value, this.#place.namespace, name)) : version;
  }

  #object(answer: Answer, kind: Kind, name: string): Result<LiveObject, Failure> {
    if (!isGood(answer.status)) return err(refusal(answer, `${kind}/${name}`, this.#place));
    const object = liveObject(parsedOrNull(answer.body), kind);
    return object === null
      ? err(unreachable('it does not answer as a cluster does', this.#place))
      : ok(object);
  }

  async #json(question: Question, subject: string): Promise<Result<unknown, Failure>> {
    const answer = await this.#ask(question);
    if (!answer.ok) return answer;
    if (!isGood(answer.value.status)) return err(refusal(answer.value, subject, this.#place));
    const value = parsedOrNull(answer.value.body);
    return !isFields(value)
      ? err(unreachable('it does not answer as a cluster does', this.#place))
      : ok(value);
  }

  async #ask(question: Question): Promise<Result<Answer, Failure>> {
    try {
      return ok(await whole(await this.#open(question)));
    } catch (error) {
      return err(unreachable(errorMessage(error), this.#place));
    }
  }

  #open({ method, path, body }: Question): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const sent = request({
        socketPath: this.#socket,
        method,
        path,
        headers: {
          host: 'localhost',
          accept: 'application/json',
          ...(body !== undefined && {
            'content-type': body.type,
            'content-length': Buffer.byteLength(body.text),
          }),
        },
      });
      const timer = setTimeout(
        () => sent.destroy(new Error(`no answer within ${Math.round(this.#answerMs / 1000)} s`)),
        this.#answerMs,
      );
      sent.on('response', (response) => {
        clearTimeout(timer);
        resolve(response);
      });
      sent.on('error', (error) => {
        clearTimeout(timer);
        reject(error);
      });
      sent.end(body?.text);
    });
  }
}

async function whole(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString('utf8') };
}

async function* linesOf(response: IncomingMessage): AsyncIterable<string> {
  response.setEncoding('utf8');
  let rest = '';
  for await (const chunk of response) {
    const parts = `${rest}${String(chunk)}`.split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

function parsedOrNull(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
