import type { AppBuilder } from '../model/build-app.ts';
import { isPlain } from '../model/plain-node.ts';

/** A port that Compose publishes on the host. */
interface Published {
  readonly port: number;
  /** Where the container listens. */
  readonly target: number;
  readonly host: string | null;
  readonly protocol: 'tcp' | 'udp';
}

const TEXT = /^(?:(\d+\.\d+\.\d+\.\d+|\[[\da-f:]+\]):)?(?:(\d{1,5}):)?(\d{1,5})(?:\/(tcp|udp))?$/i;

/**
 * `ports` of a service. What Compose forwards to the container, the app listens on by itself: it is told the port of the host.
 * Ranges, and what is neither TCP nor UDP, stay a comment.
 */
export function ports(app: AppBuilder, key: string, value: unknown): void {
  const entries = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  const published: Published[] = [];
  for (const entry of entries) {
    const read = readPort(entry);
    if (read === null) app.unmapped(key, entry, '`ports` takes single ports of this host, TCP or UDP');
    else published.push(read);
  }
  const [first, ...more] = published;
  if (first === undefined) return;
  const isPlain = more.length === 0 && first.host === null && first.protocol === 'tcp';
  if (isPlain) app.set('port', first.port);
  else app.set('ports', published.map(named));
  const moved = published.find(({ port, target }) => port !== target);
  const why =
    moved === undefined
      ? 'the app listens by itself, on what PORT says'
      : `the app listens by itself, on what PORT says: no port is forwarded to ${moved.target}`;
  app.differs(isPlain ? 'port' : 'ports', why);
}

function named({ port, host, protocol }: Published): Readonly<Record<string, unknown>> {
  const isUdp = protocol === 'udp';
  return {
    name: isUdp ? `udp-${port}` : `port-${port}`,
    port,
    ...(host !== null && { host }),
    ...(isUdp && { protocol }),
  };
}

function readPort(entry: unknown): Published | null {
  if (isPlain(entry)) {
    const { target, published, host_ip: host, protocol = 'tcp' } = entry;
    return checked({ port: published ?? target, target, host, protocol });
  }
  const [all, host, port, target, protocol = 'tcp'] = TEXT.exec(String(entry)) ?? [];
  return all === undefined
    ? null
    : checked({ port: port ?? target, target, host: host?.replace(/[[\]]/g, ''), protocol });
}

function checked(given: Readonly<Record<keyof Published, unknown>>): Published | null {
  const { host } = given;
  const numbers = { port: Number(given.port), target: Number(given.target) };
  const protocol = String(given.protocol).toLowerCase();
  const isPort = (number: number): boolean => Number.isInteger(number) && number > 0 && number < 65_536;
  if (!isPort(numbers.port) || !isPort(numbers.target)) return null;
  if (protocol !== 'tcp' && protocol !== 'udp') return null;
  const isEverywhere = typeof host !== 'string' || host === '0.0.0.0' || host === '::';
  return { ...numbers, protocol, host: isEverywhere ? null : host };
}
