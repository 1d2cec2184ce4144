/** What can be seen of an app. */
export const APP_TABS = ['logs', 'metrics', 'instances', 'config', 'revisions'] as const;
export type AppTab = (typeof APP_TABS)[number];

/** What can be seen of what has happened. */
export const ACTIVITY_TABS = ['events', 'runs', 'rounds', 'audit'] as const;
export type ActivityTab = (typeof ACTIVITY_TABS)[number];

/** A screen, as its address says it; `query` is what the screen keeps there (filters), so that a link shows the same. */
export type Route = { readonly query: Readonly<Record<string, string>> } & (
  | { readonly screen: 'overview' }
  | { readonly screen: 'app'; readonly project: string; readonly name: string; readonly tab: AppTab }
  | { readonly screen: 'changes' }
  | { readonly screen: 'activity'; readonly tab: ActivityTab }
  | { readonly screen: 'nowhere' }
);

/** Path and query of an address, as a screen. */
export function readRoute(pathname: string, search: string): Route {
  const query = Object.fromEntries(new URLSearchParams(search));
  const [screen = '', ...parts] = pathname.slice(1).split('/').map(decoded);
  const [first = '', second = '', third = ''] = parts;
  if (screen === '' && parts.length === 0) return { screen: 'overview', query };
  if (screen === 'changes' && parts.length === 0) return { screen, query };
  if (screen === 'activity' && parts.length <= 1) {
    const tab = ACTIVITY_TABS.find((one) => one === (first === '' ? 'events' : first));
    if (tab !== undefined) return { screen, tab, query };
  }
  if (screen === 'apps' && first !== '' && second !== '' && parts.length <= 3) {
    const tab = APP_TABS.find((one) => one === (third === '' ? 'logs' : third));
    if (tab !== undefined) return { screen: 'app', project: first, name: second, tab, query };
  }
  return { screen: 'nowhere', query };
}

/** The address of a screen. */
export function routePath(route: Route): string {
  const query = new URLSearchParams(Object.entries(route.query).filter(([, value]) => value !== ''));
  return pathOf(route) + (query.size === 0 ? '' : `?${query.toString()}`);
}

function pathOf(route: Route): string {
  switch (route.screen) {
    case 'app':
      return `/apps/${encodeURIComponent(route.project)}/${encodeURIComponent(route.name)}/${route.tab}`;
    case 'activity':
      return `/activity/${route.tab}`;
    case 'changes':
      return '/changes';
    case 'overview':
    case 'nowhere':
      return '/';
  }
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
