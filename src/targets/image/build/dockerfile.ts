import { basename } from 'node:path';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { findProgram } from '../../../sources/processes/find-program.ts';
import { lastLines } from '../../../sources/processes/last-lines.ts';
import { runProgram } from '../../../sources/processes/run-program.ts';
import { definedIn } from '../registry/credentials.ts';
import { isPlain } from '../registry/endpoint.ts';
import { writeReference } from '../reference.ts';
import type { ImageBuild, Publishing } from '../wanted.ts';
import { BUILD_MS, type BuildRun } from './build-run.ts';

const BUILDERS: readonly string[] = ['docker', 'podman', 'buildah'];
const MAX_KEPT = 64 * 1024;

/** Builds an image with the first builder that is there, and pushes it; gives its digest. */
export async function runDockerfile(
  { build, wanted, target, tag, env }: BuildRun<Extract<ImageBuild, { readonly dockerfile: string }>>,
  { signal, said }: Publishing,
): Promise<Result<string, Failure>> {
  const file = BUILDERS.map((name) => findProgram(name, env['PATH'])).find((found) => found !== null);
  if (file === undefined) {
    return err({
      code: 'IMAGE_BUILD_FAILED',
      message: `nothing can build ${build.dockerfile}: none of ${BUILDERS.join(', ')} is in the PATH`,
      hint: 'install one of them, write build: { command: […] }, or leave build out: stateward puts the files on `base` by itself',
    });
  }
  const { host } = target.session;
  const reference = writeReference({ host, repository: target.name, tag });
  const builder = basename(file);
  // Docker asks registries of this machine without TLS by itself.
  const plain = isPlain(host) && builder !== 'docker' ? ['--tls-verify=false'] : [];
  const steps = [
    ['build', '--platform', wanted.platform, '--file', build.dockerfile, '--tag', reference, build.context],
    ['push', ...plain, reference],
  ];
  for (const args of steps) {
    said(`${builder} ${args.join(' ')}`);
    let output = '';
    const onOutput = (chunk: Buffer): void => {
      output = (output + chunk.toString('utf8')).slice(-MAX_KEPT);
    };
    const ran = await runProgram({
      ...{ file, args, cwd: wanted.root, env: definedIn(env), onOutput, signal },
      ...{ totalMs: BUILD_MS, maxOutput: MAX_KEPT },
    });
    if (ran.code !== 0) {
      const why =
        ran.ended === 'cancelled' ? 'interrupted' : `it ended with ${ran.code ?? ran.signal ?? 'no code'}`;
      return err({
        code: ran.ended === 'cancelled' ? 'INTERRUPTED' : 'IMAGE_BUILD_FAILED',
        message: `${builder} ${args[0] ?? ''} of ${reference}: ${why}`,
        details: lastLines(output + ran.stderr),
        hint: 'nothing was applied; run the same command by hand until it works, then apply again',
      });
    }
  }
  const pushed = await target.manifest(tag);
  if (!pushed.ok) return pushed;
  if (pushed.value !== null) return ok(pushed.value.digest);
  return err({
    code: 'IMAGE_BUILD_FAILED',
    message: `${builder} has pushed ${reference}, and the registry does not have it`,
    hint: `check that ${builder} and stateward mean the same registry by ${host}`,
  });
}
