import type { KubernetesObject } from '../../../../src/targets/kubernetes/objects.ts';

/** A class of the package `kubernetes-models`: its `validate` has the OpenAPI schema of a release compiled into it. */
type ModelOf = new () => { validate(): void };

/**
 * Faults of objects by the schemas of a release, as `kubernetes-models` has them. `load` gives one of its modules by its
 * path: `apps/v1`.
 */
export function releaseSchemas(
  load: (path: string) => unknown,
): (object: KubernetesObject) => Promise<readonly string[]> {
  return async ({ apiVersion, kind, ...parts }) => {
    const models = (await load(apiVersion)) as Readonly<Record<string, ModelOf | undefined>>;
    const Model = models[kind];
    if (Model === undefined) return [`the release has no ${kind} of ${apiVersion}`];
    const unread = new Set<string>();
    const object = Object.assign(new Model(), { apiVersion, kind }, watched(parts, '', unread));
    try {
      object.validate();
    } catch (error) {
      return [error instanceof Error ? error.message : String(error)];
    }
    return [...unread].map((place) => `the release knows no ${place}`);
  };
}

/** A schema of OpenAPI takes fields that it does not know. What it knows, its check looks at: the rest stays in `unread`. */
function watched<T>(value: T, place: string, unread: Set<string>): T {
  if (typeof value !== 'object' || value === null) return value;
  const placeOf = (key: string | symbol): string => `${place}.${String(key)}`;
  const parts = Object.entries(value).map(([key, part]) => {
    // The first keys are read by who makes the object of them.
    if (place !== '') unread.add(placeOf(key));
    return [key, watched(part as unknown, placeOf(key), unread)] as const;
  });
  const copy = Array.isArray(value) ? parts.map(([, part]) => part) : Object.fromEntries(parts);
  return new Proxy(copy, {
    get: (target, key, receiver) => {
      unread.delete(placeOf(key));
      return Reflect.get(target, key, receiver) as unknown;
    },
  }) as T;
}
