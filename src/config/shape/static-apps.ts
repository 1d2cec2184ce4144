import type { SourcePath } from '../read/source.ts';

type Plain = Readonly<Record<string, unknown>>;

/** As `FoundApp`. */
interface StaticApp {
  readonly value: unknown;
  readonly path: SourcePath;
  readonly key: null;
  readonly flat?: 'serve';
}

const DEFAULT_PORT = 8080;

/** PM2's `static`: a list of file servers, or one. Each is an app whose `serve` has its keys. */
export function staticApps(servers: unknown): readonly StaticApp[] {
  if (servers === null) return [];
  if (!Array.isArray(servers)) return [staticApp(servers, ['static'])];
  return servers.map((server: unknown, index) => staticApp(server, ['static', index]));
}

function staticApp(server: unknown, path: SourcePath): StaticApp {
  if (!isMap(server)) return { value: server, path, key: null };
  const { name, ...serve } = server;
  return { value: { name: name ?? nameOf(serve), serve }, path, key: null, flat: 'serve' };
}

/** As PM2 calls them. */
function nameOf({ port }: Plain): string {
  return `static-page-server-${typeof port === 'number' || typeof port === 'string' ? port : DEFAULT_PORT}`;
}

function isMap(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
