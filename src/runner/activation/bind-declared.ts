import { chmodSync, lchownSync, lstatSync, mkdirSync, unlinkSync, type Stats } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { errorCode, errorMessage } from '../../lib/system-error.ts';
import type { SocketPlace, SocketSpec } from '../protocol/orders.ts';
import { limitsHint, startError } from '../spawn/limits-hint.ts';
import { idsOf } from '../spawn/user.ts';
import { bindRequestOf, placeText } from './declared-socket.ts';
import { listenOn, type Listening } from './listening-socket.ts';

type PathPlace = Extract<SocketPlace, { kind: 'path' }>;

/**
 * Binds a declared socket and listens on it. Throws an Error whose message says, for a person, why that cannot be done.
 * `ownerOf`: who of this home has the address; null: nobody.
 */
export async function bindDeclared(spec: SocketSpec, ownerOf: () => string | null): Promise<Listening> {
  const { place } = spec;
  const owner = ownerOf();
  if (owner !== null) throw failure(spec, 'EADDRINUSE', owner);
  if (place.kind === 'path') await preparePath(spec, place);
  const before = place.kind === 'path' ? await permissionsOf(spec, place) : () => undefined;
  const bound = listenOn(bindRequestOf(place), spec.backlog, before);
  if (typeof bound !== 'number') return bound;
  const code = getSystemErrorName(bound);
  throw failure(spec, code, (code === 'EADDRINUSE' ? ownerOf() : null) ?? hintFor(code, place));
}

/** Gives the file of a Unix socket its mode and owner, as they are declared now. Throws as `bindDeclared` does. */
export async function applyPermissions(spec: SocketSpec): Promise<void> {
  if (spec.place.kind === 'path') (await permissionsOf(spec, spec.place))();
}

async function permissionsOf(spec: SocketSpec, place: PathPlace): Promise<() => void> {
  const { path, mode } = place;
  const ids = await idsOf(place).catch((error: unknown) => {
    throw failure(spec, 'EINVAL', errorMessage(error));
  });
  return () => {
    try {
      const { uid, gid } = lstatSync(path);
      const isOwned = (ids.uid ?? uid) === uid && (ids.gid ?? gid) === gid;
      if (!isOwned) lchownSync(path, ids.uid ?? -1, ids.gid ?? -1);
      chmodSync(path, mode);
    } catch (error) {
      const code = errorCode(error) ?? 'error';
      const why = code === 'EPERM' ? 'only root can give it to another user or group' : errorMessage(error);
      throw failure(spec, code, why);
    }
  };
}

/** Makes room: the folder, and no file of a socket on which nobody listens any more. */
async function preparePath(spec: SocketSpec, place: PathPlace): Promise<void> {
  const { path } = place;
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  } catch (error) {
    throw failure(spec, errorCode(error) ?? 'error', `its folder cannot be made: ${errorMessage(error)}`);
  }
  const found = fileAt(spec, place);
  if (found === undefined) return;
  if (!found.isSocket()) throw failure(spec, 'EEXIST', 'there is a file that is no socket: move it away');
  const answer = await answerAt(path);
  if (answer === 'EACCES') {
    throw failure(
      spec,
      answer,
      'there is a socket of another user, on which somebody may listen: remove it first',
    );
  }
  if (answer !== 'ECONNREFUSED') {
    throw failure(spec, 'EADDRINUSE', 'another process listens there: end it first');
  }
  try {
    unlinkSync(path);
  } catch (error) {
    throw failure(
      spec,
      errorCode(error) ?? 'error',
      'there is the file of a dead socket that cannot be removed',
    );
  }
}

function fileAt(spec: SocketSpec, place: PathPlace): Stats | undefined {
  try {
    return lstatSync(place.path, { throwIfNoEntry: false });
  } catch (error) {
    const code = errorCode(error) ?? 'error';
    throw failure(spec, code, code === 'EACCES' ? hintFor(code, place) : errorMessage(error));
  }
}

/** The error of who connects there; null: somebody takes it. ECONNREFUSED: nobody listens any more. */
function answerAt(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.on('connect', () => {
      probe.destroy();
      resolve(null);
    });
    probe.on('error', (error) => resolve(errorCode(error) ?? 'error'));
  });
}

function hintFor(code: string, place: SocketPlace): string {
  const limits = limitsHint(code);
  if (limits !== null) return limits;
  switch (code) {
    case 'EADDRINUSE':
      return 'another process listens there: end it, or declare another address';
    case 'EADDRNOTAVAIL':
      return 'this host has no such address';
    case 'EACCES':
      return place.kind === 'path'
        ? 'its folder is closed to the user of stateward'
        : 'ports below 1024 are for root: run stateward as root, give node CAP_NET_BIND_SERVICE, or lower net.ipv4.ip_unprivileged_port_start (sysctl)';
    case 'ENAMETOOLONG':
      return 'a path of at most 107 bytes can be a socket';
    case 'ENOTSUP':
      return 'this version of Node cannot do that';
    default:
      return 'it cannot be bound';
  }
}

function failure({ name, place }: SocketSpec, code: string, why: string): Error {
  return startError(code, `sockets: ${name}: ${code}: cannot listen on ${placeText(place)}: ${why}`);
}
