import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { findCommand } from '../../../sources/processes/find-program.ts';
import { lastLines } from '../../../sources/processes/last-lines.ts';
import { runProgram } from '../../../sources/processes/run-program.ts';
import { definedIn } from '../registry/credentials.ts';
import { parseReference, writeReference } from '../reference.ts';
import type { ImageBuild, Publishing } from '../wanted.ts';
import { BUILD_MS, type BuildRun } from './build-run.ts';

const MAX_OUTPUT = 64 * 1024 * 1024;

/**
 * Runs a command that builds and pushes, in the folder of the ecosystem file; gives the digest of what it says that it has
 * pushed. Variables say what is wanted.
 */
export async function runCommand(
  { build, wanted, target, tag, env }: BuildRun<Extract<ImageBuild, { readonly command: readonly string[] }>>,
  { signal, said }: Publishing,
): Promise<Result<string, Failure>> {
  const [name = '', ...args] = build.command;
  const file = findCommand(name, wanted.root, env['PATH']);
  if (file === null) {
    return err(
      failed(
        `build.command: there is no program ${name}`,
        'write a path below the folder of the file, or install it',
      ),
    );
  }
  const { host } = target.session;
  const place = { host, repository: target.name };
  said(build.command.join(' '));
  const ran = await runProgram({
    ...{ file, args, cwd: wanted.root, signal, totalMs: BUILD_MS, maxOutput: MAX_OUTPUT },
    env: {
      ...definedIn(env),
      STATEWARD_IMAGE: writeReference({ ...place, tag }),
      STATEWARD_REGISTRY: wanted.registry,
      STATEWARD_TAG: tag,
      STATEWARD_PROJECT: wanted.project,
      STATEWARD_PLATFORM: wanted.platform,
      STATEWARD_FOLDER: wanted.folder,
    },
  });
  const printed = ran.stdout.toString('utf8');
  if (ran.ended === 'cancelled') return err({ code: 'INTERRUPTED', message: 'build.command: interrupted' });
  if (ran.code !== 0) {
    const why = `ended with ${ran.code ?? ran.signal ?? ran.ended ?? 'no code'}`;
    return err({
      ...failed(
        `build.command, ${name}, ${why}`,
        'nothing was applied; run it by hand until it works, then apply again',
      ),
      details: lastLines(`${printed}\n${ran.stderr}`),
    });
  }
  const last = lastLines(printed).at(-1)?.trim() ?? '';
  const parsed = parseReference(last);
  const digest = parsed.ok ? parsed.value.digest : null;
  const form = `print ${writeReference(place)}@sha256:… as the last line of its standard output, and push it before`;
  if (!parsed.ok || digest === null) {
    const what = last === '' ? 'prints nothing' : `prints ${JSON.stringify(last)}`;
    return err(failed(`build.command, ${name}, ${what}, and no reference with a digest`, form));
  }
  if (parsed.value.host !== host || parsed.value.repository !== target.name) {
    return err(
      failed(`build.command, ${name}, has pushed ${last}, which is not in ${wanted.registry}`, form),
    );
  }
  const pushed = await target.manifest(digest);
  if (!pushed.ok) return pushed;
  if (pushed.value === null) return err(failed(`build.command, ${name}, has not pushed ${last}`, form));
  // Found by what it was built from, it is not built again.
  const tagged = await target.putManifest(tag, pushed.value.mediaType, pushed.value.text);
  return tagged.ok ? ok(digest) : tagged;
}

function failed(message: string, hint: string): Failure {
  return { code: 'IMAGE_BUILD_FAILED', message, hint };
}
