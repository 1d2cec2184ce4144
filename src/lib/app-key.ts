/** `project/name`: identifies an app on a host. Neither part can hold a slash. */
export type AppKey = `${string}/${string}`;

export function appKey(project: string, name: string): AppKey {
  return `${project}/${name}`;
}
