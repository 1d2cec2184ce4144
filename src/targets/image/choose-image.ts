// A separate file in dist/: only verbs about images of a target load it.
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import { builtImage } from './build/built-image.ts';
import { layeredImage } from './layered-image.ts';
import { Sessions } from './registry/sessions.ts';
import type { ChosenImage, WantedImage } from './wanted.ts';

/**
 * Works out which image a project gets that names none. Registries are read, and nothing is sent to them. `env`: for
 * DOCKER_CONFIG, and for programs that build or have passwords. `patienceMs`: how long an answer of a registry may take.
 */
export async function chooseImage(
  wanted: WantedImage,
  env: Readonly<Record<string, string | undefined>>,
  patienceMs: number,
): Promise<Result<ChosenImage, Failure>> {
  const sessions = new Sessions(env, patienceMs);
  const { build } = wanted;
  const chosen =
    build === null ? await layeredImage(wanted, sessions) : await builtImage(wanted, build, sessions);
  if (!chosen.ok) return chosen;
  const image = chosen.value;
  return ok({
    ...image,
    publish: (how) => {
      sessions.until(how.signal);
      return image.publish(how);
    },
  });
}
