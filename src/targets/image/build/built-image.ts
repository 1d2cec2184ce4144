import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { canonicalJson } from '../../../lib/values/canonical-json.ts';
import type { Failure } from '../../../lib/failure.ts';
import { err, ok, type Result } from '../../../lib/result.ts';
import { errorMessage } from '../../../lib/system-error.ts';
import { appFiles } from '../layer/app-files.ts';
import { diffIdOf } from '../layer/layer.ts';
import { below, noRegistry } from '../layered-image.ts';
import { parseRepository, writeReference } from '../reference.ts';
import { Repository } from '../registry/repository.ts';
import type { Sessions } from '../registry/sessions.ts';
import type { ChosenImage, ImageBuild, WantedImage } from '../wanted.ts';
import { runCommand } from './command.ts';
import { runDockerfile } from './dockerfile.ts';

/**
 * An image that another program builds. What it is built from gives it a tag: as long as that is in the registry, it is
 * not built again, and its digest is known before.
 */
export async function builtImage(
  wanted: WantedImage,
  build: ImageBuild,
  sessions: Sessions,
): Promise<Result<ChosenImage, Failure>> {
  const place = parseRepository(wanted.registry);
  if (!place.ok) return err(noRegistry(wanted, place.error));
  const tag = await tagOf(wanted, build);
  if (!tag.ok) return tag;
  const target = new Repository(sessions.of(place.value.host), place.value.repository);
  const stored = await target.manifest(tag.value);
  if (!stored.ok) return stored;
  const known = { project: wanted.project, close: () => undefined };
  if (stored.value !== null) {
    const reference = writeReference({ ...place.value, digest: stored.value.digest });
    return ok({ ...known, reference, state: 'there', publish: () => Promise.resolve(ok(reference)) });
  }
  const run = { wanted, target, tag: tag.value, env: sessions.env };
  return ok({
    ...known,
    ...{ reference: writeReference({ ...place.value, tag: tag.value }), state: 'to build' },
    publish: async (how) => {
      const digest =
        'command' in build
          ? await runCommand({ ...run, build }, how)
          : await runDockerfile({ ...run, build }, how);
      return digest.ok ? ok(writeReference({ ...place.value, digest: digest.value })) : digest;
    },
  });
}

async function tagOf(wanted: WantedImage, build: ImageBuild): Promise<Result<string, Failure>> {
  const context = 'command' in build ? wanted.root : build.context;
  const files = appFiles(context, { links: 'any', without: below({ ...wanted, root: context }) });
  if (!files.ok) return files;
  let how: unknown = 'command' in build ? build.command : '';
  if ('dockerfile' in build) {
    try {
      how = readFileSync(build.dockerfile, 'utf8');
    } catch (error) {
      return err({
        code: 'IMAGE_BUILD_FAILED',
        message: `cannot read ${build.dockerfile}: ${errorMessage(error)}`,
        hint: 'correct targets.kubernetes.build.dockerfile: a path below the folder of the ecosystem file',
      });
    }
  }
  const diffId = await diffIdOf({ folder: '/', files: files.value });
  const from = canonicalJson({ diffId, how, platform: wanted.platform });
  return ok(createHash('sha256').update(from).digest('hex').slice(0, 32));
}
