import { join } from 'node:path';
import type { CliContext } from '../cli/session/context.ts';
import { systemClock } from '../lib/clocks/clock.ts';
import { VERSION } from '../lib/programs/build.ts';

/** What a call takes from its process, and may be told otherwise. */
export interface Surroundings {
  /** Where relative paths start. Default: the working folder. */
  readonly cwd?: string;
  /** Variables for `${VAR}`, `inherit_env` and PATH. Default: those of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

const SILENT = { write: (): boolean => true };

/** What the parts that are shared with the command line get: it prints nothing. */
export function quietContext({ cwd, environment = process.env }: Surroundings = {}): CliContext {
  return {
    streams: { stdout: SILENT, stderr: SILENT },
    env: environment,
    get cwd() {
      return cwd ?? process.cwd();
    },
    clock: systemClock,
    version: VERSION,
    files: {
      daemon: join(__dirname, 'daemon.cjs'),
      evaluate: join(__dirname, 'evaluate.cjs'),
      schema: join(__dirname, '..', 'schema', 'ecosystem.schema.json'),
      docs: join(__dirname, '..', 'docs'),
    },
  };
}
