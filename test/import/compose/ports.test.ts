import { describe, expect, it } from 'vitest';
import { ports } from '../../../src/import/compose/ports.ts';
import { AppBuilder } from '../../../src/import/model/build-app.ts';

function imported(value: unknown) {
  const app = new AppBuilder('web');
  ports(app, 'ports', value);
  const { notes } = app.build();
  return {
    port: app.get('port'),
    ports: app.get('ports'),
    notes: notes.map(({ kind, text }) => `${kind}: ${text}`),
  };
}

describe('ports that Compose publishes', () => {
  it.each<[unknown, unknown]>([
    [['3000'], 3000],
    [['3000:3000'], 3000],
    [['0.0.0.0:8080:80/tcp'], 8080],
    [[3000], 3000],
    [[{ target: 80, published: '8080', protocol: 'tcp' }], 8080],
  ])('%j is a port', (value, port) => {
    expect(imported(value)).toMatchObject({ port, ports: undefined });
  });

  it('are named where there are several, or where they are bound to an address', () => {
    expect(imported(['127.0.0.1:8080:80', '[::1]:9090:9090']).ports).toEqual([
      { name: 'port-8080', port: 8080, host: '127.0.0.1' },
      { name: 'port-9090', port: 9090, host: '::1' },
    ]);
  });

  it('are of UDP where they say so', () => {
    const mapped = [{ name: 'udp-53', port: 53, protocol: 'udp' }];
    expect(imported(['53:53/udp']).ports).toEqual(mapped);
    expect(imported([{ target: 53, published: 53, protocol: 'udp' }]).ports).toEqual(mapped);
    expect(imported(['53:53', '53:53/udp']).ports).toEqual([{ name: 'port-53', port: 53 }, ...mapped]);
  });

  it('are told of where something else than the app would have to forward them', () => {
    expect(imported(['8080:80']).notes).toEqual([
      'differs: the app listens by itself, on what PORT says: no port is forwarded to 80',
    ]);
  });

  it.each(['3000-3005', '53:53/sctp', '3000-3005:3000-3005', '99999', 'x'])('%j stays a comment', (entry) => {
    const { port, ports: list, notes } = imported([entry]);
    expect([port, list]).toEqual([undefined, undefined]);
    expect(notes).toEqual([
      `unmapped: ports: ${entry} (\`ports\` takes single ports of this host, TCP or UDP)`,
    ]);
  });
});
