import { appKey, type AppKey } from '../../lib/app-key.ts';
import type { DesiredApp } from '../../plan/model/desired.ts';
import { hideValue } from '../../spec/secrets/known-values.ts';
import { secretNames } from '../../spec/secrets/secret-names.ts';
import { describeSource, isReadable, type VariableSource } from '../../spec/secrets/variable-source.ts';
import type { AppSpec } from '../../spec/types.ts';
import { GivenHashes } from './given-hashes.ts';
import { SecretHashes } from './secret-hashes.ts';
import { resolveSource, type SourceContext } from './resolve-source.ts';

type Values = Readonly<Record<string, string>>;
type Sourced = Pick<AppSpec, 'env_from' | 'cwd' | 'secrets'>;

/** What a process gets that is started now. */
export interface GivenSecrets {
  readonly values: Values;
  /** A keyed hash of each value, by variable: what is compared and kept in its place. */
  readonly hashes: Values;
  /** Why it cannot be started: what could not be read, each with the way out; null: it can. */
  readonly unresolved: string | null;
}

/** What is known of the sources of an app without running a program. */
export interface SeenSecrets {
  readonly hashes: Values;
  /** Of those that a start would fail for, by variable: which it is, why, and the way out. */
  readonly problems: Values;
}

export interface SecretBookOptions extends SourceContext {
  /** Of the home; null: there is none, and nothing is compared. */
  readonly key: Buffer | null;
  /** Where what is kept of values is remembered. Absent: nowhere. */
  readonly given?: GivenHashes;
}

/** Characters of a line in which values are looked for that are not known. What is behind them is not shown. */
const LONGEST_SEARCHED = 1_000;

const NONE: GivenSecrets = { values: {}, hashes: {}, unresolved: null };

/**
 * Reads the variables that apps have from elsewhere. The values are in the memory of this process and in the order that
 * starts an app, and are written nowhere.
 */
export class SecretBook {
  readonly #options: SecretBookOptions;
  readonly #hashes: SecretHashes | null;
  /** Of values that this process knows, and that are in no text which it shows. */
  readonly #met = new Set<string>();
  readonly #given: GivenHashes;
  /** What was given last, by app: for commands that run beside a process. */
  readonly #last = new Map<AppKey, { readonly words: string; readonly secrets: GivenSecrets }>();

  constructor(options: SecretBookOptions) {
    this.#options = options;
    this.#given = options.given ?? new GivenHashes(null, () => undefined);
    this.#hashes = options.key === null ? null : new SecretHashes(options.key);
  }

  /** Reads all of them as they are now, also by programs. Never rejects. */
  async forStart({ project, spec }: Pick<DesiredApp, 'project' | 'spec'>): Promise<GivenSecrets> {
    if (Object.keys(spec.env_from).length === 0) return NONE;
    const secrets = await this.#read(spec);
    const key = appKey(project, spec.name);
    // Before anybody can be given it, and write it somewhere.
    this.#given.add(key, secrets.hashes);
    if (secrets.unresolved === null) this.#last.set(key, { words: wordsOf(spec), secrets });
    return secrets;
  }

  /**
   * The same for a command beside a process, which may run often: what was read last for a start counts, where this
   * controller has read it.
   */
  forCommand(app: Pick<DesiredApp, 'project' | 'spec'>): Promise<GivenSecrets> {
    const last = this.#last.get(appKey(app.project, app.spec.name));
    return last?.words === wordsOf(app.spec) ? Promise.resolve(last.secrets) : this.forStart(app);
  }

  /** Looks without running anything. Never rejects. */
  async look(spec: Sourced): Promise<SeenSecrets> {
    const readable = Object.entries(spec.env_from).filter(([, source]) => isReadable(source));
    const { hashes, unresolved } = await this.#readAll(readable, spec);
    return { hashes, problems: unresolved };
  }

  /**
   * Values that a process of the app has, as its environment says: from now on they are in no text that is shown. Gives the
   * hash of each; that of one that it lacks says so.
   */
  ofProcess(
    { env_from, secrets }: Pick<AppSpec, 'env_from' | 'secrets'>,
    environment: Readonly<Record<string, string>>,
  ): Values {
    const isSecret = secretNames(secrets);
    const hashes: Record<string, string> = {};
    for (const name of Object.keys(env_from)) {
      const value = environment[name] ?? null;
      if (value !== null) hideValue(value, isSecret(name));
      this.#addHash(hashes, name, value);
    }
    return hashes;
  }

  /**
   * A line that an app has written, as it may be shown: an earlier controller may have read the values that are in it, and this
   * one finds them by what is kept of them.
   */
  uncover(line: string, { key, spec: { secrets } }: DesiredApp): string {
    const unknown = this.#given.of(key).filter(([, hash]) => !this.#met.has(hash));
    if (this.#hashes === null || unknown.length === 0) return line;
    const isSecret = secretNames(secrets);
    const shown = line.length > LONGEST_SEARCHED ? `${line.slice(0, LONGEST_SEARCHED)}…` : line;
    for (const { name, hash, value } of this.#hashes.findAll(unknown, shown)) {
      this.#met.add(hash);
      hideValue(value, isSecret(name));
    }
    return shown;
  }

  /** Keeps nothing of an app that is gone. */
  forget(key: AppKey): void {
    this.#last.delete(key);
  }

  async #read(spec: Sourced): Promise<GivenSecrets> {
    const { unresolved, ...read } = await this.#readAll(Object.entries(spec.env_from), spec);
    const problems = Object.values(unresolved);
    return { ...read, unresolved: problems.length === 0 ? null : problems.join('; ') };
  }

  async #readAll(
    sources: readonly (readonly [string, VariableSource])[],
    { cwd, secrets }: Sourced,
  ): Promise<{ readonly values: Values; readonly hashes: Values; readonly unresolved: Values }> {
    const found = await Promise.all(
      sources.map(async ([name, source]) => ({
        name,
        source,
        read: await resolveSource(source, cwd, this.#options),
      })),
    );
    const isSecret = secretNames(secrets);
    const values: Record<string, string> = {};
    const hashes: Record<string, string> = {};
    const unresolved: Record<string, string> = {};
    for (const { name, source, read } of found) {
      if (read.kind === 'value') {
        values[name] = read.value;
        hideValue(read.value, isSecret(name));
        this.#addHash(hashes, name, read.value);
      } else if (read.kind === 'absent' && source.optional === true) {
        this.#addHash(hashes, name, null);
      } else {
        const where = source.from_exec === undefined ? '' : ` (${describeSource(source)})`;
        unresolved[name] = `${name}${where}: ${read.message}`;
      }
    }
    return { values, hashes, unresolved };
  }

  /** null: the variable is not there, which is a value of its own. */
  #addHash(hashes: Record<string, string>, name: string, value: string | null): void {
    const hash = this.#hashes?.of(name, value);
    if (hash === undefined) return;
    hashes[name] = hash;
    this.#met.add(hash);
  }
}

function wordsOf({ env_from, cwd }: Sourced): string {
  return JSON.stringify([env_from, cwd]);
}
