import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { diffSpecs } from '../../../src/spec/field-diff.ts';
import { templateHash } from '../../../src/spec/hash.ts';
import { denormaliseApp } from '../../../src/spec/normalise/denormalise.ts';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import { commonPorts, hostsMeet, portClaims } from '../../../src/spec/ports/port-claims.ts';
import { meantPort, portEnv, slotPorts } from '../../../src/spec/ports/slot-ports.ts';
import type { App } from '../../../src/spec/generated/ecosystem.ts';
import { contextWith, specOf } from '../support/context.ts';

function notesOf(app: Partial<App>): readonly string[] {
  const { notes } = normalise({ script: './api.js', ...app }, contextWith());
  return notes.map(({ level, path, message }) => `${level} ${path.join('.')}: ${message}`);
}

describe('the ports of a process', () => {
  it('are told as PORT and PORT_<NAME>, in fork mode with the slot added', () => {
    const spec = specOf({
      port: 3000,
      ports: [{ name: 'web-admin', port: 9000 }],
      instances: 3,
      exec_mode: 'fork',
    });
    expect(portEnv(spec, 2)).toEqual({ PORT: '3002', PORT_WEB_ADMIN: '9002' });
    expect(spec.env).toEqual({ PORT: '3000', PORT_WEB_ADMIN: '9000' });
  });

  it('are one for all in cluster mode, and where the file says so', () => {
    expect(portEnv(specOf({ port: 3000, instances: 3, exec_mode: 'cluster' }), 2)).toEqual({ PORT: '3000' });
    const ports = [{ name: 'http', port: 3000, shared: true }];
    expect(portEnv(specOf({ ports, instances: 3, exec_mode: 'fork' }), 2)).toEqual({
      PORT: '3000',
      PORT_HTTP: '3000',
    });
  });

  it('are counted up once where increment_var does it too', () => {
    const spec = specOf({ port: 3000, increment_var: 'PORT', instances: 2, exec_mode: 'fork' });
    expect(portEnv(spec, 1)).toEqual({ PORT: '3001' });
  });

  it('that are auto are told when they have been chosen, under a variable of their own if need be', () => {
    const spec = specOf({ port: 'auto', ports: [{ name: 'admin', port: 'auto', env: 'ADMIN' }] });
    expect(spec.env).toEqual({});
    expect(portEnv(spec, 0)).toEqual({});
    expect(portEnv(spec, 0, { main: 20_001, admin: 20_002 })).toEqual({ PORT: '20001', ADMIN: '20002' });
  });

  it('are what env says, where it says something else', () => {
    const spec = specOf({ port: 'auto', env: { PORT: 4000 } });
    expect(slotPorts(spec, 0).map(({ port }) => port)).toEqual([4000]);
    expect(portEnv(spec, 0)).toEqual({ PORT: '4000' });
    expect(notesOf({ port: 3000, env: { PORT: 4000 } })).toEqual([
      'warning port: 3000 has no effect: `env` sets PORT to "4000", and wins',
    ]);
    // Another environment is there to say something else, and what says the same is no mistake.
    const { spec: prod, notes } = normalise(
      { script: './api.js', port: 'auto', env_prod: { PORT: 80 } },
      contextWith({ envName: 'prod' }),
    );
    expect([slotPorts(prod, 0)[0]?.port, notes]).toEqual([80, []]);
    expect(notesOf({ port: 3000, env: { PORT: 3000 } })).toEqual([]);
    expect(portEnv(specOf({ port: 3000, env: { PORT: '/run/api.sock' } }), 0)).toEqual({});
  });
});

describe('mistakes with ports', () => {
  it.each<[Partial<App>, string]>([
    [
      { port: 3000, ports: [{ name: 'main', port: 1 }] },
      'error ports.0.name: another port of the app is called "main": it is the name of `port`',
    ],
    [
      {
        ports: [
          { name: 'a', port: 1, env: 'X' },
          { name: 'b', port: 2, env: 'X' },
        ],
      },
      'error ports.1.env: X tells the port a already',
    ],
    [
      { port: 3000, ports: [{ name: 'b', port: 3001 }], instances: 2, exec_mode: 'fork' },
      'error ports.0.port: port 3001 is that of main as well: each slot takes the next number',
    ],
    [
      { port: 65_535, instances: 2, exec_mode: 'fork' },
      'error port: 2 instances in fork mode take the ports up to 65536, and the last one is 65535',
    ],
    [{ port: '80001' }, 'error port: 80001 is more than 65535, the last port'],
    [
      { port: 3000, rollout: { max_surge: 1 } },
      'warning port: with max_surge: 1 a new process starts while the old one still listens on port 3000, and cannot have it: no rollout can succeed',
    ],
    [{ readiness: { http: {} } }, 'error readiness.http: port is missing, and the app declares none'],
    [
      { port: 1, liveness: { tcp: { port: 'admin' } } },
      'error liveness.tcp.port: the app has no port called "admin"',
    ],
  ])('are found: %j', (app, note) => {
    expect(notesOf(app)).toContain(note);
  });

  it.each<Partial<App>>([
    { port: 'auto', rollout: { max_surge: 1 } },
    { port: 3000, exec_mode: 'cluster', instances: 2 },
    { env: { PORT: 3000 }, readiness: { http: {} } },
    { port: 3000, ports: [{ name: 'b', port: 3001 }], instances: 2, exec_mode: 'cluster' },
  ])('are none: %j', (app) => {
    expect(notesOf(app)).toEqual([]);
  });
});

describe('ports of UDP', () => {
  const dns = { name: 'dns', port: 53, protocol: 'udp' } as const;
  const spec = specOf({ ports: [dns, { name: 'web', port: 53 }] });

  it('are told as all others, and written back', () => {
    expect(portEnv(spec, 0)).toEqual({ PORT: '53', PORT_DNS: '53', PORT_WEB: '53' });
    expect(slotPorts(spec, 0)).toMatchObject([{ name: 'dns', protocol: 'udp' }, { name: 'web' }]);
    expect(slotPorts(spec, 0)[1]).not.toHaveProperty('protocol');
    expect(denormaliseApp(spec)['ports']).toEqual([dns, { name: 'web', port: 53 }]);
  });

  it('are no ports of TCP: neither for another app nor for a probe', () => {
    const [udp, tcp] = portClaims(spec, 1);
    expect(udp && tcp && commonPorts(udp, tcp)).toBe(null);
    expect(udp && commonPorts(udp, udp)).toEqual({ first: 53, last: 53 });
    expect([null, 'web', 'dns', 53].map((port) => meantPort(port, spec, 0))).toEqual([53, 53, null, 53]);
    expect(meantPort(null, specOf({ ports: [dns] }), 0)).toBe(null);
    expect(notesOf({ ports: [dns, { ...dns, name: 'other' }] })).toEqual([
      'error ports.1.port: port 53/udp is that of dns as well',
    ]);
    expect(notesOf({ ports: [dns], readiness: { tcp: {} } })).toEqual([
      'error readiness.tcp: port is missing, and the app declares only ports of UDP',
    ]);
    expect(notesOf({ ports: [dns], readiness: { tcp: { port: 'dns' } } })).toEqual([
      'error readiness.tcp.port: the port "dns" is one of UDP, to which nothing connects',
    ]);
    expect(notesOf({ ports: [dns], sockets: [{ name: 'dns', listen: '53' }] })).toEqual([]);
  });
});

describe('the port of a probe', () => {
  const spec = specOf({
    ports: [
      { name: 'http', port: 3000 },
      { name: 'admin', port: 'auto' },
    ],
    instances: 2,
    exec_mode: 'fork',
  });

  it.each([
    [null, 3001],
    ['http', 3001],
    [3000, 3001],
    [8080, 8080],
    ['admin', 20_005],
    ['other', null],
  ])('%j is that of the slot: %j', (reference, port) => {
    expect(meantPort(reference, spec, 1, { admin: 20_005 })).toBe(port);
  });

  it('is PORT of env where the app declares none', () => {
    expect(meantPort(null, specOf({ env: { PORT: 3000 } }), 1)).toBe(3000);
    expect(meantPort(null, specOf({ env: { PORT: 3000 }, increment_var: 'PORT' }), 1)).toBe(3001);
    expect(meantPort(null, specOf(), 0)).toBeNull();
  });
});

describe('a change of a port', () => {
  it('needs a new process, and is shown as the field', () => {
    const [before, after] = [specOf({ port: 3000 }), specOf({ port: 3001 })];
    expect(templateHash(before)).not.toBe(templateHash(after));
    expect(diffSpecs(before, after)).toEqual([
      { path: 'port', before: 3000, after: 3001, class: 'template', redacted: false },
    ]);
  });

  it('needs none where the process has the number in its variable already', () => {
    const [before, after] = [specOf({ env: { PORT: 3000 } }), specOf({ port: 3000 })];
    expect(templateHash(before)).toBe(templateHash(after));
    expect(diffSpecs(before, after).map(({ path, class: cost }) => [path, cost])).toEqual([['port', 'live']]);
  });

  it('of its address alone needs none', () => {
    const [before, after] = [
      specOf({ ports: [{ name: 'a', port: 1 }] }),
      specOf({ ports: [{ name: 'a', port: 1, host: '::1' }] }),
    ];
    expect(templateHash(before)).toBe(templateHash(after));
    expect(diffSpecs(before, after)).toMatchObject([{ path: 'ports.a', class: 'live' }]);
  });

  it('from a number to auto needs a new process', () => {
    const [before, after] = [specOf({ port: 3000 }), specOf({ port: 'auto' })];
    expect(templateHash(before)).not.toBe(templateHash(after));
    expect(diffSpecs(before, after)).toMatchObject([{ path: 'port', after: 'auto', class: 'template' }]);
  });

  it('is written as one would write it', () => {
    const declared = { port: 3000, ports: [{ name: 'b', port: 'auto', host: '::1' }] };
    expect(denormaliseApp(specOf(declared))).toMatchObject(declared);
    expect(denormaliseApp(specOf(declared))).not.toHaveProperty('env');
  });
});

describe('claims on ports', () => {
  const hosts = ['0.0.0.0', '::', '127.0.0.1', '::1', 'localhost', '10.0.0.1', null];

  it('meet in the same way from both sides, and always on every address', () => {
    fc.assert(
      fc.property(fc.constantFrom(...hosts), fc.constantFrom(...hosts), (one, other) => {
        expect(hostsMeet(one, other)).toBe(hostsMeet(other, one));
        expect(hostsMeet(one, null)).toBe(true);
        expect(hostsMeet(one, one)).toBe(true);
      }),
    );
  });

  it.each<[string, string, boolean]>([
    ['127.0.0.1', '10.0.0.1', false],
    ['127.0.0.1', '::1', false],
    ['0.0.0.0', '::1', false],
    ['0.0.0.0', '10.0.0.1', true],
    ['::', '10.0.0.1', true],
    ['localhost', '127.0.0.1', true],
    ['::ffff:127.0.0.1', '127.0.0.1', true],
  ])('%s and %s meet: %s', (one, other, meets) => {
    expect(hostsMeet(one, other)).toBe(meets);
  });

  it('meet exactly where a slot of one has the port of a slot of the other', () => {
    const port = fc.integer({ min: 3000, max: 3010 });
    const app = fc.record({ port, instances: fc.integer({ min: 1, max: 4 }) });
    fc.assert(
      fc.property(app, app, (one, other) => {
        const [a, b] = [one, other].map((given) => specOf({ ...given, exec_mode: 'fork' }));
        if (a === undefined || b === undefined) throw new Error('two were given');
        const numbers = (spec: typeof a): readonly (number | null | undefined)[] =>
          Array.from({ length: spec.instances }, (_, slot) => slotPorts(spec, slot)[0]?.port);
        const [claim, wanted] = [portClaims(a, a.instances)[0], portClaims(b, b.instances)[0]];
        if (claim === undefined || wanted === undefined) throw new Error('both have a port');
        expect(commonPorts(claim, wanted) !== null).toBe(numbers(a).some((n) => numbers(b).includes(n)));
      }),
    );
  });
});
