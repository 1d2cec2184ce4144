import type { PlanTarget } from '../../api/contract/wire/plan.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { ok, type Result } from '../../lib/result.ts';
import type { ChosenImage, Publishing } from '../image/wanted.ts';
import type { AppSpec } from '../../spec/types.ts';
import type { AppObjects } from './live/app-objects.ts';
import type { KubernetesProject } from './settings.ts';

/** What an image that is made for a project is called, by project. */
export type ImageNames = ReadonlyMap<string, string>;

/** The images that are made for projects that name none. */
export interface Images {
  readonly known: readonly ChosenImage[];
  /** Of which projects it could not be found out; null: of none. */
  readonly unknown: { readonly why: Failure; readonly projects: readonly string[] } | null;
}

/** What is to be said of those that are not known. */
export function doubtsOf({ unknown }: Images): readonly Failure[] {
  if (unknown === null) return [];
  const { why, projects } = unknown;
  const what = `whether ${projects.join(', ')} ${projects.length === 1 ? 'is' : 'are'} as the file says is not known`;
  return [{ ...why, message: `${what}: ${why.message}` }];
}

/** Whether an app gets an image that is not known. `spec`: null of one that is not declared. */
export function isImageUnknown({ unknown }: Images, project: string, spec: AppSpec | null): boolean {
  return unknown?.projects.includes(project) === true && spec !== null && spec.image === undefined;
}

/** Projects, with the images that are made for them in place of those that nobody has named. */
export function withImages<P extends KubernetesProject>(
  projects: readonly P[],
  images: ImageNames,
): readonly P[] {
  return projects.map((project) => {
    const image = images.get(project.project);
    return image === undefined ? project : { ...project, settings: { ...project.settings, image } };
  });
}

/** As a plan has them. */
export function plannedImages(images: readonly ChosenImage[]): Pick<PlanTarget, 'images'> {
  if (images.length === 0) return {};
  return { images: images.map(({ project, reference, state }) => ({ project, reference, state })) };
}

/** Whether any app of a plan gets the image that is made for its project. */
export function isMeant(project: string, apps: readonly AppObjects[]): boolean {
  return apps.some(
    ({ key, spec }) => splitAppKey(key).project === project && spec !== null && spec.image === undefined,
  );
}

/** The names that are known before anything is published. */
export function namesOf(images: readonly ChosenImage[]): ImageNames {
  return new Map(images.map(({ project, reference }) => [project, reference]));
}

/**
 * Sees to it that the images of some projects are where pods find them, one after the other; gives their names, which of one
 * that was built only now is another than before.
 */
export async function publishImages(
  images: readonly ChosenImage[],
  how: Publishing,
): Promise<Result<ImageNames, Failure>> {
  const names = new Map<string, string>();
  for (const image of images) {
    const published = await image.publish(how);
    if (!published.ok) return published;
    if (image.state !== 'there') how.said(`${image.project}: image ${published.value}`);
    names.set(image.project, published.value);
  }
  return ok(names);
}
