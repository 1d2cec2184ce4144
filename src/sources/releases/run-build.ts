import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { err, ok, type Result } from '../../lib/result.ts';
import { formatDuration } from '../../lib/units.ts';
import { findCommand } from '../processes/find-program.ts';
import { lastLines } from '../processes/last-lines.ts';
import type { ProgramResult } from '../processes/run-program.ts';
import { BuildOutput } from './build-output.ts';
import { runFindable } from './findable.ts';
import { lowPriority } from './low-priority.ts';
import type { BuildRequest, ReleaseFailure, ReleaseRequest } from './model.ts';
import type { CommitPlaces, ReleasePlaces } from './places.ts';

const TAIL_BYTES = 64 * 1024;

type BuildContext = Pick<ReleaseRequest, 'source' | 'commit' | 'clock' | 'limits' | 'signal'> & {
  readonly places: ReleasePlaces;
  readonly of: CommitPlaces;
};

/** Runs the build in the release's own folder, where it stays: what it writes may hold the path. Gives how long it took. */
export async function runBuild(
  context: BuildContext,
  build: BuildRequest,
): Promise<Result<{ readonly durationMs: number }, ReleaseFailure>> {
  const { places, of, clock, limits, signal } = context;
  const cwd = resolve(of.root, build.cwd);
  if (!(await isInside(cwd, of.root))) {
    return err(
      failed(build, 'its folder is not in the commit', { passing: false, hint: 'correct build.cwd' }),
    );
  }
  const program = programOf(build, cwd);
  if (!program.ok) return program;
  const prefix = await lowPriority(build.env);
  const [file = '', ...args] = [...prefix, program.value, ...build.command.slice(1)];
  const env = { ...build.env, STATEWARD_SOURCE: context.source, STATEWARD_COMMIT: context.commit };
  const output = new BuildOutput(of.output, limits.maxOutputBytes);
  let tail = Buffer.alloc(0);
  const began = clock.monotonic();
  const end = await runFindable(places.building, {
    ...{ file, args, cwd, env, clock, signal },
    totalMs: build.timeoutMs,
    maxOutput: 0,
    onOutput: (chunk) => {
      output.write(chunk);
      tail = Buffer.concat([tail, chunk]).subarray(-TAIL_BYTES);
    },
  });
  await output.close();
  if (end.code === 0) return ok({ durationMs: Math.round(clock.monotonic() - began) });
  return err({ ...judged(build, end, tail.toString('utf8')), output: of.output });
}

function judged(
  build: BuildRequest,
  { code, signal: by, ended, stderr }: ProgramResult,
  text: string,
): ReleaseFailure {
  const details = lastLines(text);
  const again = 'push a commit that builds; stateward source sync tries this one again';
  if (ended === 'cancelled')
    return failed(build, 'it was cancelled', { passing: true, hint: 'nothing was changed', details });
  if (ended !== null) {
    const words = `it did not end within ${formatDuration(build.timeoutMs)}, and was ended with all that it had started`;
    return failed(build, words, {
      passing: false,
      hint: `give it more time (build.timeout), or ${again}`,
      details,
    });
  }
  if (code === null && by === null)
    return failed(build, stderr, { passing: true, hint: 'mend what the message says', details });
  if (/ENOSPC|No space left on device/.test(text)) {
    return failed(build, 'the disk is full', {
      passing: true,
      hint: 'free some space; it is tried again by itself',
      details,
    });
  }
  if (by !== null) {
    const hint = 'somebody, or the system for want of memory, has ended it; it is tried again by itself';
    return failed(build, `it was ended by ${by}`, { passing: true, hint, details });
  }
  return failed(build, `it ended with code ${code}`, { passing: false, hint: again, details });
}

function programOf(build: BuildRequest, cwd: string): Result<string, ReleaseFailure> {
  const [name = ''] = build.command;
  const found = findCommand(name, cwd, build.env['PATH']);
  if (found !== null) return ok(found);
  if (name.includes('/')) {
    const hint = 'commit it with its executable bit (git update-index --chmod=+x), or correct build.command';
    return err(failed(build, `${name} is not a program in the commit`, { passing: false, hint }));
  }
  const hint = 'install it, or start the daemon with a PATH that has it; it is tried again by itself';
  return err(failed(build, `there is no ${name} on the PATH of the daemon`, { passing: true, hint }));
}

async function isInside(path: string, root: string): Promise<boolean> {
  try {
    const [real, realRoot] = await Promise.all([realpath(path), realpath(root)]);
    return real === realRoot || real.startsWith(realRoot + sep);
  } catch {
    return false;
  }
}

const MAX_COMMAND = 120;

function failed(
  { command }: BuildRequest,
  words: string,
  { passing, hint, details = [] }: { passing: boolean; hint: string; details?: readonly string[] },
): ReleaseFailure {
  const text = command.join(' ').slice(0, MAX_COMMAND);
  return {
    code: 'BUILD_FAILED',
    message: `cannot build the release with ${JSON.stringify(text)}: ${words}`,
    hint,
    passing,
    ...(details.length > 0 && { details }),
  };
}
