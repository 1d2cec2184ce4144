/** `project/name`: identifies an app on a host. Neither part can hold a slash. */
export type AppKey = `${string}/${string}`;

export function appKey(project: string, name: string): AppKey {
  return `${project}/${name}`;
}

/** The two parts of a key. */
export function splitAppKey(key: AppKey): { readonly project: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { project: key.slice(0, slash), name: key.slice(slash + 1) };
}
