import type { App } from '../generated/ecosystem.ts';
import type { NormaliseContext, SpecNote } from '../normalise/normalise-context.ts';
import { resolvePath } from '../normalise/normalise-path.ts';
import { readNumber } from '../normalise/values.ts';
import { isServeApp } from '../serve/serve-app.ts';
import { claimAt, hostsMeet } from '../ports/port-claims.ts';
import { networkProbe, PROBE_KINDS } from '../probes/network-probe.ts';
import type { AppSpec, SocketSpec } from '../types.ts';
import { formatListen, parseListen } from './listen-text.ts';

type Declared = NonNullable<App['sockets']>[number];

/** What a socket has where nothing is said. */
export const SOCKET_DEFAULTS = { mode: '0660', backlog: 511 } as const;

/** Unix sockets have more in their names than the kernel takes from here on. */
const LONGEST_PATH = 107;

/** What is there of a text that says no place stays as it is: the notes tell of it. */
export function normaliseSockets({ sockets = [] }: App, context: NormaliseContext): readonly SocketSpec[] {
  return sockets.map(({ name, listen, backlog }) => {
    const { path, mode, user, group } =
      typeof listen === 'object'
        ? listen
        : { path: String(listen), mode: undefined, user: undefined, group: undefined };
    const parsed = typeof listen === 'object' ? ({ kind: 'path', path } as const) : parseListen(path);
    const isPath = parsed?.kind === 'path';
    return {
      name,
      listen: isPath
        ? resolvePath(path, context.fileDir, context.home)
        : parsed === null
          ? path
          : formatListen(parsed),
      mode: isPath ? readMode(mode) : null,
      user: user ?? null,
      group: group ?? null,
      backlog: readNumber(backlog) ?? SOCKET_DEFAULTS.backlog,
    };
  });
}

/** As a file would say it. */
export function denormaliseSockets(
  sockets: readonly SocketSpec[],
): readonly Readonly<Record<string, unknown>>[] {
  return sockets.map(({ name, listen, mode, user, group, backlog }) => {
    const extra = {
      ...(mode !== null && mode !== SOCKET_DEFAULTS.mode && { mode }),
      ...(user !== null && { user }),
      ...(group !== null && { group }),
    };
    const place =
      Object.keys(extra).length > 0
        ? { path: listen, ...extra }
        : /^\d+$/.test(listen)
          ? Number(listen)
          : listen;
    return { name, listen: place, ...(backlog !== SOCKET_DEFAULTS.backlog && { backlog }) };
  });
}

/** A text is octal digits; a number, which has no spelling, is the bits themselves: `0o660` of JavaScript. */
function readMode(mode: Extract<Declared['listen'], object>['mode']): string {
  if (mode === undefined) return SOCKET_DEFAULTS.mode;
  const text = typeof mode === 'number' ? mode.toString(8) : mode;
  return text.replace(/^0o?/, '').padStart(3, '0').padStart(4, '0');
}

/** What the schema cannot say of sockets: places that are none, names and places that are there twice, apps that cannot have any. */
export function socketNotes(app: App, spec: AppSpec): readonly SpecNote[] {
  if (spec.sockets.length === 0) return [];
  return [
    ...unfitApp(app, spec),
    ...sharedProbes(spec),
    ...spec.sockets.flatMap((socket, index) => notesOf(app, spec, { socket, index })),
  ];
}

function unfitApp(app: App, spec: AppSpec): readonly SpecNote[] {
  if (isServeApp(spec)) {
    return [bad(['sockets'], 'an app that serves files binds its port by itself', 'leave `sockets` out')];
  }
  return Object.keys(spec.env)
    .filter((name) => !/^[A-Za-z_]\w*$/.test(name))
    .map((name) => {
      const message = `${JSON.stringify(name)} would be lost: the shell that sets LISTEN_PID passes on only names of letters, digits and _`;
      const path = app.env !== undefined && name in app.env ? ['env', name] : ['sockets'];
      return bad(path, message, 'rename the variable, or leave `sockets` out');
    });
}

/** Any process of the app answers on its sockets: a probe there says nothing of one of them. */
function sharedProbes(spec: AppSpec): readonly SpecNote[] {
  if (spec.instances < 2 && spec.rollout.max_surge === 0) return [];
  const listens = spec.sockets.flatMap(({ listen }) => parseListen(listen) ?? []);
  return PROBE_KINDS.flatMap((kind): readonly SpecNote[] => {
    const network = networkProbe(spec[kind]);
    if (network === null) return [];
    const {
      form,
      target: { port },
    } = network;
    if (!listens.some((listen) => listen.kind === 'tcp' && listen.port === port)) return [];
    const message = `any process of the app answers on port ${port}, so this does not say whether one of them is well`;
    const hint = 'use exec or log for a probe, or a port that each process binds for itself (port: auto)';
    return [{ level: 'warning', code: 'CONFIG_ADVICE', path: [kind, form, 'port'], message, hint }];
  });
}

interface Placed {
  readonly socket: SocketSpec;
  readonly index: number;
}

function notesOf(app: App, spec: AppSpec, { socket, index }: Placed): readonly SpecNote[] {
  const at = ['sockets', index] as const;
  const earlier = spec.sockets.slice(0, index);
  const listen = parseListen(socket.listen);
  const declared = app.sockets?.[index]?.listen;
  if (listen === null) return [unreadable([...at, 'listen'], socket.listen)];
  if (earlier.some(({ name }) => name === socket.name)) {
    return [bad([...at, 'name'], `another socket of the app is called ${JSON.stringify(socket.name)}`)];
  }
  if (earlier.some((other) => socketsMeet(other, socket))) {
    return [bad([...at, 'listen'], `another socket of the app listens on ${socket.listen} already`)];
  }
  if (listen.kind === 'path') {
    if (typeof declared === 'object' && declared.path.startsWith('@')) {
      const message = 'abstract sockets (@) are not passed, only Unix sockets that have a file';
      return [bad([...at, 'listen', 'path'], message, 'write ./@NAME for a file that is called so')];
    }
    const isLong = new TextEncoder().encode(listen.path).length > LONGEST_PATH;
    if (isLong) return [bad([...at, 'listen'], `a socket can have a path of ${LONGEST_PATH} bytes at most`)];
    const isMode = /^0[0-7]{3}$/.test(socket.mode ?? '');
    return isMode
      ? []
      : [bad([...at, 'listen', 'mode'], 'these are not three octal digits', 'for example "0660"')];
  }
  if (typeof declared === 'object') {
    return [bad([...at, 'listen', 'path'], 'this is no path', `write listen: ${socket.listen} for a port`)];
  }
  const claim = claimAt(spec, listen);
  if (claim === null) return [];
  const message = `${socket.listen} is the port ${claim.name} of the app as well, which it would bind by itself`;
  return [
    bad([...at, 'listen'], message, 'leave one of the two out: what listens on descriptor 3 binds nothing'),
  ];
}

/** Whether two sockets want the same connections. */
export function socketsMeet(one: SocketSpec, other: SocketSpec): boolean {
  const [first, second] = [parseListen(one.listen), parseListen(other.listen)];
  if (first === null || second === null || first.kind !== second.kind) return false;
  if (first.kind === 'path' || second.kind === 'path') return one.listen === other.listen;
  return first.port === second.port && hostsMeet(first.host, second.host);
}

function unreadable(path: SpecNote['path'], text: string): SpecNote {
  if (/udp/i.test(text)) {
    return bad(
      path,
      'datagram (UDP) sockets are not passed, only TCP and Unix stream sockets',
      'let the app bind it by itself',
    );
  }
  if (/^tcp/i.test(text))
    return bad(path, `${JSON.stringify(text)} has a scheme`, 'write the port, or host:port');
  const isNamed = /^[A-Za-z][\w.-]*:\d+$/.test(text);
  return bad(
    path,
    isNamed
      ? `${JSON.stringify(text)} names a host: an IP address of this host is needed`
      : `${JSON.stringify(text)} is no place to listen on`,
    'for example 8080, 127.0.0.1:8080, "[::1]:8080", /run/api.sock, or ./api.sock',
  );
}

function bad(path: SpecNote['path'], message: string, hint?: string): SpecNote {
  const note = { level: 'error', code: 'CONFIG_BAD_VALUE', path, message } as const;
  return hint === undefined ? note : { ...note, hint };
}
