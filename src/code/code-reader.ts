import { stat } from 'node:fs/promises';
import type { AppKey } from '../lib/app-key.ts';
import type { AppSpec } from '../spec/types.ts';
import { Batch, type Located } from './batch.ts';
import { Contents } from './content.ts';
import { Imports } from './imports.ts';
import type { CodeRequest, CodeResult, CodeUnknown } from './reading.ts';
import { TrackedFiles } from './tracked-files.ts';

/** Reading goes on after others had their turn. */
const TURN_MS = 8;
/** A file system that does not answer must not keep us. */
const PATIENCE_MS = 2_000;

/**
 * Reads what code apps have on disk. What is asked for together is read together: an index of git once, a folder once.
 * What is asked for while another reading goes on is read after it, never taken from it: it may be newer.
 */
export class CodeReader {
  readonly #contents = new Contents();
  readonly #tracked = new TrackedFiles();
  readonly #imports = new Imports();
  #waiting: { readonly requests: readonly CodeRequest[]; readonly done: (results: Results) => void }[] = [];
  #busy = false;

  /** Never fails: what cannot be read is told for the app. */
  read(requests: readonly CodeRequest[]): Promise<Results> {
    if (requests.length === 0) return Promise.resolve(new Map());
    return new Promise((done) => {
      this.#waiting.push({ requests, done });
      if (this.#busy) return;
      this.#busy = true;
      setImmediate(() => void this.#work());
    });
  }

  async #work(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const shared = new Batch(this.#contents, this.#tracked, this.#imports);
      for (const { requests, done } of batch) done(await this.#readAll(requests, shared));
    }
    this.#busy = false;
  }

  async #readAll(requests: readonly CodeRequest[], batch: Batch): Promise<Results> {
    const silent = await silentPlaces(requests);
    const turn = turns();
    const same = new Map<string, Located | CodeUnknown>();
    const located: [AppKey, Located | CodeUnknown][] = [];
    for (const request of requests) {
      await turn();
      const place = silent.get(placeOf(request.spec.cwd));
      if (place !== undefined) {
        located.push([request.key, { unknown: place }]);
        continue;
      }
      const words = sameness(request);
      let found = same.get(words);
      if (found === undefined) {
        found = safely(() => batch.locate(request));
        same.set(words, found);
      }
      located.push([request.key, found]);
    }
    const readings = new Map<Located, CodeResult>();
    const results = new Map<AppKey, CodeResult>();
    for (const [key, found] of located) {
      await turn();
      if ('unknown' in found) {
        results.set(key, found);
        continue;
      }
      const reading = readings.get(found) ?? safely(() => batch.read(found));
      readings.set(found, reading);
      results.set(key, reading);
    }
    return new Map(requests.map(({ key, spec }) => [key, withVersion(results.get(key), spec)]));
  }
}

type Results = ReadonlyMap<AppKey, CodeResult>;

function withVersion(reading: CodeResult | undefined, { version }: AppSpec): CodeResult {
  if (reading === undefined) return { unknown: 'it was not looked at' };
  if ('unknown' in reading || version === undefined) return reading;
  return { ...reading, identity: { ...reading.identity, version } };
}

function safely<T>(read: () => T): T | CodeUnknown {
  try {
    return read();
  } catch (error) {
    return { unknown: error instanceof Error ? error.message : String(error) };
  }
}

/** Apps for which this is the same have the same code. */
function sameness({ spec, files }: CodeRequest): string {
  const { script, interpreter, interpreter_args, args, cwd, shell, env, code, code_ignore } = spec;
  const { out_file, error_file, log_file } = spec;
  return [
    ...[cwd, script, interpreter, shell, env['PATH'], out_file, error_file, log_file],
    ...['', ...interpreter_args, '', ...args, '', ...(code_ignore ?? []), '', ...files],
    ...(code === undefined ? [] : ['', code === 'off' ? 'off' : code.join('\0')]),
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

/** Places that do not answer: everything else is read without waiting, which would then have no end. */
async function silentPlaces(requests: readonly CodeRequest[]): Promise<ReadonlyMap<string, string>> {
  const places = [...new Set(requests.map(({ spec }) => placeOf(spec.cwd)))];
  const answered = new Set<string>();
  const asked = places.map((place) =>
    stat(place).then(
      () => answered.add(place),
      () => answered.add(place),
    ),
  );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resume) => (timer = setTimeout(resume, PATIENCE_MS)));
  await Promise.race([Promise.all(asked), late]);
  clearTimeout(timer);
  const silent = places.filter((place) => !answered.has(place));
  return new Map(silent.map((place) => [place, `${place} does not answer`]));
}
