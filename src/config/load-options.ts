import type { HostChecks } from './apps/load-apps.ts';
import type { Inputs } from './inputs/inputs.ts';

export interface LoadOptions {
  /** Paths of files or folders, or `-`; empty: the folder that the command runs in. */
  readonly files: readonly string[];
  /** The name given with `--env`, or null. */
  readonly env: string | null;
  /** The environment of the command: for `${VAR}`, `inherit_env`, PATH and HOME. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The folder that the command runs in, absolute. */
  readonly cwd: string;
  /** Processors of the host. */
  readonly cpus: number;
  /** The built child program that evaluates JavaScript (src/config/evaluate/main.ts). */
  readonly jsEvaluatorPath: string;
  readonly readStdin: () => Promise<string>;
  /** `--merge`: each file is laid over those before it, instead of being a declaration of its own. */
  readonly merge?: boolean;
  /** Values of `--var`, by name, as texts. */
  readonly vars?: Readonly<Record<string, string>>;
  readonly hostChecks?: HostChecks;
  /** Is told the absolute path of every file that is read. */
  readonly onRead?: (path: string) => void;
  /** Takes in what is asked of the disk, the environment and the host: of `environment` and `cpus`. Absent: nobody wants to know. */
  readonly inputs?: Inputs;
}
