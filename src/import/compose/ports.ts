import type { AppBuilder } from '../model/build-app.ts';
import { isPlain } from '../model/plain-node.ts';

/** A port that Compose publishes on the host. */
interface Published {
  readonly port: number;
  /** Where the container listens. */
  readonly target: number;
  readonly host: string | null;
}

const TEXT = /^(?:(\d+\.\d+\.\d+\.\d+|\[[\da-f:]+\]):)?(?:(\d{1,5}):)?(\d{1,5})(?:\/tcp)?$/i;

/**
 * `ports` of a service. What Compose forwards to the container, the app listens on by itself: it is told the port of the host.
 * Ranges, and what is not TCP, stay a comment.
 */
export function ports(app: AppBuilder, key: string, value: unknown): void {
  const entries = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const published: Published[] = [];
  for (const entry of entries) {
    const read = readPort(entry);
    if (read === null) app.unmapped(key, entry, '`ports` takes single TCP ports of this host');
    else published.push(read);
  }
  const [first, ...more] = published;
  if (first === undefined) return;
  if (more.length === 0 && first.host === null) app.set('port', first.port);
  else app.set('ports', published.map(named));
  const moved = published.find(({ port, target }) => port !== target);
  const why =
    moved === undefined
      ? 'the app listens by itself, on what PORT says'
      : `the app listens by itself, on what PORT says: no port is forwarded to ${moved.target}`;
  app.differs(more.length === 0 && first.host === null ? 'port' : 'ports', why);
}

function named({ port, host }: Published): Readonly<Record<string, unknown>> {
  return { name: `port-${port}`, port, ...(host !== null && { host }) };
}

function readPort(entry: unknown): Published | null {
  if (isPlain(entry)) {
    const { target, published, host_ip: host, protocol = 'tcp' } = entry;
    return protocol === 'tcp' ? checked(published ?? target, target, host) : null;
  }
  const [all, host, port, target] = TEXT.exec(String(entry)) ?? [];
  return all === undefined ? null : checked(port ?? target, target, host?.replace(/[[\]]/g, ''));
}

function checked(port: unknown, target: unknown, host: unknown): Published | null {
  const numbers = { port: Number(port), target: Number(target) };
  const isPort = (number: number): boolean => Number.isInteger(number) && number > 0 && number < 65_536;
  if (!isPort(numbers.port) || !isPort(numbers.target)) return null;
  const isEverywhere = typeof host !== 'string' || host === '0.0.0.0' || host === '::';
  return { ...numbers, host: isEverywhere ? null : host };
}
