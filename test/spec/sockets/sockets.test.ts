import { describe, expect, test } from 'vitest';
import { specOf } from '../support/context.ts';
import { formatListen, parseListen, takesPlaceOf } from '../../../src/spec/sockets/listen-text.ts';

describe('the mode of a socket', () => {
  test.each([
    [0o660, '0660'],
    [0o777, '0777'],
    [0o600, '0600'],
    ['660', '0660'],
    ['0o606', '0606'],
    [undefined, '0660'],
  ])('given as %j is %s: a number is the bits, a text has octal digits', (mode, expected) => {
    const listen = { path: '/run/a.sock', ...(mode !== undefined && { mode }) };
    const { sockets } = specOf({ sockets: [{ name: 'web', listen }] });
    expect(sockets[0]?.mode).toBe(expected);
  });
});

describe('where a socket listens', () => {
  test.each([
    ['8080', { kind: 'tcp', host: null, port: 8080 }],
    ['*:8080', { kind: 'tcp', host: null, port: 8080 }],
    [':8080', { kind: 'tcp', host: null, port: 8080 }],
    ['localhost:80', { kind: 'tcp', host: '127.0.0.1', port: 80 }],
    ['0.0.0.0:80', { kind: 'tcp', host: '0.0.0.0', port: 80 }],
    ['[::1]:8080', { kind: 'tcp', host: '::1', port: 8080 }],
    ['[fe80::1%eth0]:1', { kind: 'tcp', host: 'fe80::1%eth0', port: 1 }],
    ['/run/a.sock', { kind: 'path', path: '/run/a.sock' }],
    ['./a.sock', { kind: 'path', path: './a.sock' }],
  ])('%s', (text, listen) => {
    expect(parseListen(text)).toEqual(listen);
  });

  test.each([
    '',
    '0',
    '65536',
    'api:8080',
    '1.2.3:80',
    '256.1.1.1:80',
    '::1:8080',
    '[::1]',
    '[]:80',
    '[1.2.3.4]:80',
    'x.sock',
    '-1',
    '8080 ',
  ])('%j is none', (text) => {
    expect(parseListen(text)).toBeNull();
  });

  test('is written in one way', () => {
    for (const text of ['8080', '127.0.0.1:8080', '[::1]:8080', '/run/a.sock']) {
      const listen = parseListen(text);
      expect(listen === null ? null : formatListen(listen)).toBe(text);
    }
  });

  test.each([
    ['[::]:80', '80', false],
    ['0.0.0.0:80', '80', false],
    ['127.0.0.1:80', '80', true],
    ['[::]:80', '127.0.0.1:80', true],
    ['127.0.0.1:80', '127.0.0.1:80', false],
    ['127.0.0.1:80', '127.0.0.2:80', false],
    ['127.0.0.1:80', '127.0.0.1:81', false],
    ['/run/a.sock', '80', false],
  ])('a process with %s keeps %s from being bound: %s', (address, text, taken) => {
    const listen = parseListen(text);
    expect(listen !== null && takesPlaceOf(address, listen)).toBe(taken);
  });
});
