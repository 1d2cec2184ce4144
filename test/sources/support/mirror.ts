import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  Fetched,
  FetchFailure,
  FetchRequest,
  Repository,
  RepositoryOptions,
} from '../../../src/sources/git/model.ts';
import { parseRemote } from '../../../src/sources/git/remote.ts';
import { openRepository } from '../../../src/sources/git/repository.ts';

export const LIMITS = { totalMs: 60_000, stallMs: 30_000, maxBytes: 512 * 1024 * 1024 };

/** A mirror in a folder of its own. */
export class Mirror implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'stateward-mirror-'));
  readonly dir = join(this.folder, 'repo.git');
  readonly repository: Repository;
  readonly #options: Omit<RepositoryOptions, 'dir'>;

  constructor(url: string, options: Partial<Omit<RepositoryOptions, 'dir' | 'remote'>> = {}) {
    const remote = parseRemote(url, { insecure: true });
    if (!remote.ok) throw new Error(remote.error);
    this.#options = {
      auth: { kind: 'none' },
      limits: LIMITS,
      history: 'tip',
      env: process.env,
      ...options,
      remote: remote.value,
    };
    this.repository = this.again();
  }

  /** As after a restart, or with other settings. */
  again(options: Partial<RepositoryOptions> = {}): Repository {
    return openRepository({ dir: this.dir, ...this.#options, ...options });
  }

  async fetch(request: Partial<FetchRequest> = {}): Promise<Fetched | FetchFailure> {
    const result = await this.repository.fetch({
      ref: { branch: 'main' },
      since: null,
      allowRewrite: false,
      ...request,
    });
    return result.ok ? result.value : result.error;
  }

  /** The commit that a fetch gives; fails the test when it gives none. */
  async take(request: Partial<FetchRequest> = {}): Promise<Fetched> {
    const fetched = await this.fetch(request);
    if ('code' in fetched) throw new Error(`${fetched.message}\n${(fetched.details ?? []).join('\n')}`);
    return fetched;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
