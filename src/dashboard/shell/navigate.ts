import { signal } from '@preact/signals';
import { readRoute, routePath, type Route } from '../model/routes.ts';

export const route = signal<Route>(readRoute(location.pathname, location.search));

addEventListener('popstate', () => (route.value = readRoute(location.pathname, location.search)));

/** Goes to a screen; `replace`: it is the same one with other filters, which is no step back. */
export function go(to: Route, { replace = false } = {}): void {
  const path = routePath(to);
  if (path === location.pathname + location.search) return;
  if (replace) history.replaceState(null, '', path);
  else history.pushState(null, '', path);
  route.value = to;
  if (!replace) scrollTo(0, 0);
}

/** Changes what the screen keeps in its address. An empty text takes a part away. */
export function keep(parts: Readonly<Record<string, string>>): void {
  const { value } = route;
  const query = Object.fromEntries(
    Object.entries({ ...value.query, ...parts }).filter(([, text]) => text !== ''),
  );
  go({ ...value, query }, { replace: true });
}

/** The handler of a link that is followed here; with a modifier the browser opens it elsewhere. */
export function follow(to: Route): { readonly href: string; onClick(event: MouseEvent): void } {
  return {
    href: routePath(to),
    onClick(event) {
      if (event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      go(to);
    },
  };
}

export function appRoute(
  { project, name }: { readonly project: string; readonly name: string },
  tab: Extract<Route, { screen: 'app' }>['tab'] = 'logs',
): Route {
  return { screen: 'app', project, name, tab, query: {} };
}
