import type { Variables } from '../generated/ecosystem.ts';
import type { PackageScripts } from './run/node-start.ts';
import type { ErrorCode } from '../../lib/error-codes.ts';

/** What is at a path. `shebang`: the first line without `#!`, or null. */
export interface FileFacts {
  readonly kind: 'missing' | 'folder' | 'file';
  readonly shebang: string | null;
  readonly binary: boolean;
  readonly executable: boolean;
}

/** Everything that an app means beyond its own text. */
export interface NormaliseContext {
  /** Absolute folder that relative paths start from. */
  readonly fileDir: string;
  /** What `~` stands for; null: unknown. */
  readonly home: string | null;
  /** Processors of the host, for `instances: max`. */
  readonly cpus: number;
  /** The name given with `--env`, or null. */
  readonly envName: string | null;
  /** The environment of the command, for `inherit_env`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `env` and `env_NAME` of the project, which are below all that the app has itself. */
  readonly projectEnv?: Readonly<Record<string, Variables>>;
  /** What the app's `env_file` holds; later files already won over earlier ones. */
  readonly envFile: Readonly<Record<string, string>>;
  /** `scripts` of the package.json in an absolute folder; none when there is none. */
  readonly packageScripts?: (folder: string) => PackageScripts;
  /** What is at an absolute path. */
  readonly inspect: (path: string) => FileFacts;
}

/** Something to say about one field of an app; `path` has canonical keys. */
export interface SpecNote {
  readonly level: 'error' | 'warning';
  readonly code: ErrorCode;
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly hint?: string;
}
