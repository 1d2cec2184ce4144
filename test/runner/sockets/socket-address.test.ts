import { describe, expect, test } from 'vitest';
import {
  formatAddress,
  mayOverlap,
  parseAddress,
  type SocketAddress,
} from '../../../src/runner/sockets/socket-address.ts';

const tcp = (host: string, port: number): SocketAddress => ({ kind: 'tcp', host, port });

describe('the address of a socket', () => {
  test.each<[SocketAddress, string]>([
    [tcp('127.0.0.1', 3000), '127.0.0.1:3000'],
    [tcp('::', 3000), '[::]:3000'],
    [{ kind: 'udp', host: '0.0.0.0', port: 53 }, '0.0.0.0:53/udp'],
    [{ kind: 'udp', host: '::1', port: 53 }, '[::1]:53/udp'],
    [{ kind: 'path', path: '/run/api.sock' }, '/run/api.sock'],
    [{ kind: 'path', path: '\0api' }, '@api'],
  ])('%o reads %s, and back', (address, text) => {
    expect(formatAddress(address)).toBe(text);
    expect(parseAddress(text)).toEqual(address);
  });

  test.each(['', '3000', 'x', '::3000:', ':3000'])('is not %j', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  test('may overlap with every address of the host on its port, and with no other', () => {
    const here = tcp('127.0.0.1', 3000);
    expect(mayOverlap(here, here)).toBe(true);
    expect(mayOverlap(here, tcp('0.0.0.0', 3000))).toBe(true);
    expect(mayOverlap(tcp('::', 3000), here)).toBe(true);
    expect(mayOverlap(here, tcp('127.0.0.2', 3000))).toBe(false);
    expect(mayOverlap(here, tcp('127.0.0.1', 3001))).toBe(false);
    expect(mayOverlap(here, { kind: 'udp', host: '127.0.0.1', port: 3000 })).toBe(false);
    expect(mayOverlap(here, { kind: 'path', path: '/x' })).toBe(false);
  });
});
