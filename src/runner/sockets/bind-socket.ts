import dgram from 'node:dgram';
import net from 'node:net';
import { constants } from 'node:os';
import { fitsSocket } from '../../lib/sockets/socket-path.ts';
import type { SocketAddress } from './socket-address.ts';

/** What an app asks to have bound, as Node's net and dgram put it. */
export interface BindRequest {
  /** IP address, absolute path of a Unix socket, or null: every address of the host. */
  readonly address: string | null;
  /** -1 for a Unix socket. */
  readonly port: number;
  readonly addressType: 4 | 6 | -1 | 'udp4' | 'udp6';
  /** Of libuv: whether IPv6 only and the like. */
  readonly flags: number;
  /** Who may use a Unix socket besides its owner. */
  readonly readableAll: boolean;
  readonly writableAll: boolean;
}

/** A socket of libuv's. The runner binds and closes it; who is given it listens. */
export interface SocketHandle {
  close(): void;
  /** Gives the address, or an error that bind(2) has had; not for Unix sockets. */
  getsockname?(out: { address?: string; port?: number }): number;
  fchmod?(mode: number): number;
}

export interface BoundSocket {
  readonly handle: SocketHandle;
  readonly address: SocketAddress;
}

/** Gives a bound socket, or the error as libuv numbers it (negative). */
export type Bind = (request: BindRequest) => BoundSocket | number;

const UV_READABLE = 1;
const UV_WRITABLE = 2;

/** The error of this name, as libuv numbers it. */
export function errnoOf(
  name: 'EADDRINUSE' | 'EACCES' | 'EMFILE' | 'EINVAL' | 'ENAMETOOLONG' | 'ENOTSUP',
): number {
  return -constants.errno[name];
}

/** Binds a socket and leaves it at that: it does not listen, and nothing is ever accepted or received here. */
export function bindSocket(request: BindRequest): BoundSocket | number {
  try {
    return bind(request);
  } catch {
    // A Node that has no such internals (any more): whoever asked is told, and does not wait for ever.
    return errnoOf('ENOTSUP');
  }
}

function bind(request: BindRequest): BoundSocket | number {
  const { address, port, addressType } = request;
  if (addressType === -1) return address === null ? errnoOf('EINVAL') : bindPath(address, request);
  const udp = addressType === 'udp4' || addressType === 'udp6';
  const handle = udp ? udpHandle(addressType, request) : serverHandle(address, port, addressType, request);
  if (typeof handle === 'number') return handle;
  // libuv keeps EADDRINUSE to itself until somebody asks.
  const found = addressOf(handle, request);
  if (typeof found !== 'number') return { handle, address: found };
  handle.close();
  return found;
}

/** Where a socket is bound that was asked for by `request`, or the error that it has had. */
export function addressOf(
  handle: SocketHandle,
  { address, port, addressType }: BindRequest,
): SocketAddress | number {
  if (addressType === -1) return { kind: 'path', path: address ?? '' };
  const out: { address?: string; port?: number } = {};
  const failure = handle.getsockname?.(out) ?? 0;
  if (failure !== 0) return failure;
  const { address: host = '', port: given = port } = out;
  return { kind: addressType === 'udp4' || addressType === 'udp6' ? 'udp' : 'tcp', host, port: given };
}

function bindPath(path: string, request: BindRequest): BoundSocket | number {
  if (!fitsSocket(path)) return errnoOf('ENAMETOOLONG');
  const handle = serverHandle(path, -1, -1, request);
  if (typeof handle === 'number') return handle;
  const mode = (request.readableAll ? UV_READABLE : 0) | (request.writableAll ? UV_WRITABLE : 0);
  const failure = mode === 0 ? 0 : (handle.fchmod?.(mode) ?? 0);
  if (failure === 0) return { handle, address: { kind: 'path', path } };
  handle.close();
  return failure;
}

type CreateServerHandle = (
  address: string | null,
  port: number,
  addressType: number,
  fd: undefined,
  flags: number,
) => SocketHandle | number;

/** Internal to Node, and what its own cluster uses: bind without listen has no public name on every version. */
function serverHandle(
  address: string | null,
  port: number,
  addressType: 4 | 6 | -1,
  { flags }: BindRequest,
): SocketHandle | number {
  const create = Reflect.get(net, '_createServerHandle') as CreateServerHandle;
  return create(address, port, addressType, undefined, flags);
}

interface UdpHandle extends SocketHandle {
  bind(address: string, port: number, flags: number): number;
  bind6(address: string, port: number, flags: number): number;
}

function udpHandle(type: 'udp4' | 'udp6', { address, port, flags }: BindRequest): SocketHandle | number {
  const handle = new (udpClass())();
  const bind = type === 'udp4' ? 'bind' : 'bind6';
  const failure = handle[bind](address ?? (type === 'udp4' ? '0.0.0.0' : '::'), port, flags);
  if (failure === 0) return handle;
  handle.close();
  return failure;
}

/** The class behind every socket of dgram, which has no name of its own to ask for. */
function udpClass(): new () => UdpHandle {
  const socket = dgram.createSocket('udp4');
  const symbol = Object.getOwnPropertySymbols(socket).find(
    ({ description }) => description === 'state symbol',
  );
  const state = Reflect.get(socket, symbol ?? '') as { readonly handle: UdpHandle };
  const { constructor } = state.handle;
  socket.close();
  return constructor as new () => UdpHandle;
}
