import { stat } from 'node:fs/promises';
import type { AppKey } from '../lib/app-key.ts';
import type { AppSpec } from '../spec/types.ts';
import { Batch } from './batch.ts';
import { Contents } from './content.ts';
import { Imports } from './imports.ts';
import type { Located } from './places.ts';
import type { CodeRequest, CodeResult, CodeUnknown } from './reading.ts';
import { TrackedFiles } from './git/tracked-files.ts';
import { errorMessage } from '../lib/system-error.ts';

/** Reading goes on after others had their turn. */
const TURN_MS = 8;
/** A file system that does not answer must not keep us. */
const PATIENCE_MS = 2_000;
/** What a reading has found is let go of after this time: of many apps it is large. */
const KEPT_MS = 1_000;

/**
 * Reads what code apps have on disk. Apps of one request are read together: each git index once, each folder once.
 * A request that comes during another reading is read after it, never taken from it: its code may be newer.
 */
export class CodeReader {
  readonly #contents = new Contents();
  readonly #tracked = new TrackedFiles();
  readonly #imports = new Imports();
  #waiting: Waiting[] = [];
  #last: Begun | undefined;
  #busy = false;

  /**
   * Never fails: what cannot be read is told for the app. With `maxAgeMs`, a reading that somebody used at most so long ago
   * serves as well, until it is a second old: of it, only apps that it has not looked at are read. So many starts that come
   * one after the other read a repository once a second, and one that comes by itself reads it anew.
   */
  read(
    requests: readonly CodeRequest[],
    { maxAgeMs = 0 }: { readonly maxAgeMs?: number } = {},
  ): Promise<Results> {
    if (requests.length === 0) return Promise.resolve(new Map());
    return new Promise((done) => {
      this.#waiting.push({ requests, maxAgeMs, done });
      if (this.#busy) return;
      this.#busy = true;
      setImmediate(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const waiting = this.#waiting;
      this.#waiting = [];
      const sharing = this.#sharingFor(Math.min(...waiting.map(({ maxAgeMs }) => maxAgeMs)));
      for (const { requests, done } of waiting) done(await readAll(requests, sharing));
      if (this.#last?.sharing === sharing) this.#last.usedAt = performance.now();
    }
    this.#busy = false;
  }

  #sharingFor(maxAgeMs: number): Sharing {
    const now = performance.now();
    const last = this.#last;
    if (last !== undefined && now - last.usedAt < maxAgeMs && now - last.at < KEPT_MS) return last.sharing;
    const batch = new Batch(this.#contents, this.#tracked, this.#imports);
    const sharing = {
      batch,
      answering: new Set<string>(),
      located: new Map(),
      readings: new Map(),
    };
    const begun = { at: now, usedAt: now, sharing };
    this.#last = begun;
    const letGo = (): void => {
      if (this.#last === begun) this.#last = undefined;
    };
    setTimeout(letGo, KEPT_MS).unref();
    return sharing;
  }
}

interface Waiting {
  readonly requests: readonly CodeRequest[];
  readonly maxAgeMs: number;
  readonly done: (results: Results) => void;
}

/** What apps that are read together share. */
interface Sharing {
  readonly batch: Batch;
  /** Places that have answered. */
  readonly answering: Set<string>;
  readonly located: Map<string, Located | CodeUnknown>;
  readonly readings: Map<Located, CodeResult>;
}

/** A reading that may serve others yet; times as performance.now() has them. */
interface Begun {
  readonly at: number;
  usedAt: number;
  readonly sharing: Sharing;
}

async function readAll(requests: readonly CodeRequest[], sharing: Sharing): Promise<Results> {
  const silent = await silentPlaces(requests, sharing.answering);
  const turn = turns();
  const located: [CodeRequest, Located | CodeUnknown][] = [];
  for (const request of requests) {
    await turn();
    located.push([request, locate(request, { silent, sharing })]);
  }
  const results = new Map<AppKey, CodeResult>();
  for (const [{ key, spec }, found] of located) {
    await turn();
    results.set(key, 'unknown' in found ? found : withVersion(readOnce(found, sharing), spec));
  }
  return results;
}

function locate(
  request: CodeRequest,
  { silent, sharing }: { readonly silent: ReadonlySet<string>; readonly sharing: Sharing },
): Located | CodeUnknown {
  const place = placeOf(request.spec.cwd);
  if (silent.has(place)) return { unknown: `${place} does not answer` };
  const words = sameness(request);
  const found = sharing.located.get(words) ?? safely(() => sharing.batch.locate(request));
  sharing.located.set(words, found);
  return found;
}

function readOnce(located: Located, { batch, readings }: Sharing): CodeResult {
  const reading = readings.get(located) ?? safely(() => batch.read(located));
  readings.set(located, reading);
  return reading;
}

type Results = ReadonlyMap<AppKey, CodeResult>;

function withVersion(reading: CodeResult, { version }: AppSpec): CodeResult {
  if ('unknown' in reading || version === null) return reading;
  return { ...reading, identity: { ...reading.identity, version } };
}

function safely<T>(read: () => T): T | CodeUnknown {
  try {
    return read();
  } catch (error) {
    return { unknown: errorMessage(error) };
  }
}

/** Apps for which this is the same have the same code. */
function sameness({ spec, files }: CodeRequest): string {
  const { script, interpreter, interpreter_args, args, cwd, shell, env, code, code_ignore } = spec;
  const { out_file, error_file, log_file } = spec;
  return [
    ...[cwd, script, interpreter, shell, env['PATH'], out_file, error_file, log_file],
    ...['', ...interpreter_args, '', ...args, '', ...code_ignore, '', ...files],
    ...(code === 'auto' ? [] : ['', code === 'off' ? 'off' : code.join('\0')]),
  ].join('\0');
}

/** Lets others have their turn when enough time has passed. */
function turns(): () => Promise<void> | void {
  let since = performance.now();
  return () => {
    if (performance.now() - since < TURN_MS) return undefined;
    return new Promise((resume) =>
      setImmediate(() => {
        since = performance.now();
        resume();
      }),
    );
  };
}

function placeOf(path: string): string {
  return path.split('/').slice(0, 4).join('/');
}

/**
 * Places that do not answer: everything else is read without waiting, which would then have no end. Those that do are
 * added to `answering` and not asked again.
 */
async function silentPlaces(
  requests: readonly CodeRequest[],
  answering: Set<string>,
): Promise<ReadonlySet<string>> {
  const places = new Set(
    requests.map(({ spec }) => placeOf(spec.cwd)).filter((place) => !answering.has(place)),
  );
  if (places.size === 0) return places;
  const asked = [...places].map((place) =>
    stat(place).then(
      () => answering.add(place),
      () => answering.add(place),
    ),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resume) => (timer = setTimeout(resume, PATIENCE_MS)));
  await Promise.race([Promise.all(asked), late]);
  clearTimeout(timer);
  return new Set([...places].filter((place) => !answering.has(place)));
}
