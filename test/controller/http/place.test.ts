import { expect, test } from 'vitest';
import type { HttpSettings } from '../../../src/home/settings/settings.ts';
import { overlap, placeText, plainRefusal, systemPlace, urlOf } from '../../../src/controller/http/place.ts';
import type { Place } from '../../../src/web/model.ts';

const tcp = (host: string, port = 9615): Place => ({ kind: 'tcp', host, port });
const SOCKET: Place = { kind: 'unix', path: '/run/stateward/http.sock' };
const SETTINGS: HttpSettings = {
  ...{ listen: null, tls: null, hosts: [], behindProxy: false, insecure: false },
  session: { idleMs: 1, maxMs: 1 },
};
const tls = { cert: '/cert', key: '/key' };

test.each<[Place, Partial<HttpSettings>, string | null]>([
  [tcp('127.0.0.1'), {}, 'http://127.0.0.1:9615'],
  [tcp('::1'), {}, 'http://[::1]:9615'],
  [tcp('0.0.0.0'), { tls }, 'https://127.0.0.1:9615'],
  [tcp('::'), { tls }, 'https://[::1]:9615'],
  [tcp('10.0.0.5'), { tls }, 'https://10.0.0.5:9615'],
  [tcp('0.0.0.0'), { tls, hosts: ['ops.example.org'] }, 'https://ops.example.org:9615'],
  [tcp('127.0.0.1'), { hosts: ['ops.example.org'] }, 'http://127.0.0.1:9615'],
  [tcp('127.0.0.1'), { hosts: ['ops.example.org'], behindProxy: true }, 'https://ops.example.org'],
  [SOCKET, { hosts: ['ops.example.org'] }, 'https://ops.example.org'],
  [SOCKET, {}, null],
])('a browser finds %j with %j at %j', (place, settings, url) => {
  expect(urlOf(place, { ...SETTINGS, ...settings })).toBe(url);
});

test.each<[string, boolean]>([
  ['127.0.0.1', false],
  ['127.9.9.9', false],
  ['::1', false],
  ['localhost', false],
  ['0.0.0.0', true],
  ['::', true],
  ['10.0.0.5', true],
  ['::ffff:10.0.0.5', true],
])('in plain text, %s is refused: %j', (host, isRefused) => {
  const place = systemPlace(tcp(host));
  expect(plainRefusal(place, SETTINGS) !== null).toBe(isRefused);
  expect(plainRefusal(place, { ...SETTINGS, tls })).toBeNull();
  expect(plainRefusal(place, { ...SETTINGS, insecure: true })).toBeNull();
  expect(plainRefusal(SOCKET, SETTINGS)).toBeNull();
});

test.each<[Place, Place, boolean]>([
  [tcp('127.0.0.1'), tcp('0.0.0.0'), true],
  [tcp('::'), tcp('127.0.0.1'), true],
  [tcp('127.0.0.1'), tcp('127.0.0.1'), true],
  [tcp('127.0.0.1'), tcp('10.0.0.5'), false],
  [tcp('127.0.0.1'), tcp('0.0.0.0', 1), false],
  [SOCKET, SOCKET, true],
  [SOCKET, tcp('127.0.0.1'), false],
])('%j and %j can only be had one after the other: %j', (one, other, expected) => {
  expect(overlap(one, other)).toBe(expected);
  expect(overlap(other, one)).toBe(expected);
});

test('a place is shown as it is written', () => {
  expect([tcp('::1'), tcp('127.0.0.1'), SOCKET].map(placeText)).toEqual([
    '[::1]:9615',
    '127.0.0.1:9615',
    'unix:/run/stateward/http.sock',
  ]);
});
