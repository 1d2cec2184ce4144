import type { Failure } from '../../lib/failure.ts';
import type { AppBuilder } from '../model/build-app.ts';
import type { Unit } from './unit.ts';

/** The name of the service that a socket unit is of. */
export function serviceOfSocket({ entries, name }: Unit): string {
  const unit = entries.find(({ section, key }) => section === 'Socket' && key === 'Service')?.value;
  return unit === undefined
    ? name
    : unit.replace(/@?[^@]*\.service$/, (end) => (end.startsWith('@') ? '' : end.replace(/\.service$/, '')));
}

/** Of a unit for which systemd starts a process for each connection: nothing here does. */
export function acceptFailure(sockets: readonly Unit[]): Failure | null {
  const accepting = sockets.find(({ entries }) =>
    entries.some(
      ({ section, key, value }) =>
        section === 'Socket' && key === 'Accept' && /^(?:1|yes|true|on)$/i.test(value),
    ),
  );
  if (accepting === undefined) return null;
  return {
    code: 'CONFIG_BAD_VALUE',
    message: `${accepting.file} says Accept=yes: systemd starts a process for each connection, and stateward does not`,
    hint: 'leave the unit and its service out, or have the program accept connections by itself (Accept=no)',
    position: { file: accepting.file },
  };
}

interface ListenSettings {
  readonly mode: string;
  readonly user: string | undefined;
  readonly group: string | undefined;
}

const SILENT = new Set([
  'Accept',
  'Service',
  'RemoveOnStop',
  'SocketMode',
  'SocketUser',
  'SocketGroup',
  'Backlog',
  'FileDescriptorName',
]);

/** `sockets` of the app of a service, from the socket units that are there for it. */
export function socketsOf(app: AppBuilder, units: readonly Unit[]): void {
  const sockets = units.flatMap((unit) => socketsOfUnit(app, unit));
  if (sockets.length === 0) return;
  const names = new Map<string, number>();
  const named = sockets.map((socket) => {
    const count = (names.get(socket.name) ?? 0) + 1;
    names.set(socket.name, count);
    return count === 1 ? socket : { ...socket, name: `${socket.name}-${count}` };
  });
  app.set('sockets', named);
  if (named.some(({ name }, index) => name !== sockets[index]?.name))
    app.differs('sockets', 'names are unique here: the second socket of a unit has a number behind its name');
  app.differs('sockets', 'the app runs from the start: systemd waits for the first connection');
}

function socketsOfUnit(
  app: AppBuilder,
  unit: Unit,
): readonly { readonly name: string; readonly listen: unknown }[] {
  const entries = unit.entries.filter(({ section }) => section === 'Socket');
  const valueOf = (key: string): string | undefined => entries.findLast((entry) => entry.key === key)?.value;
  const settings = {
    mode: valueOf('SocketMode') ?? '0666',
    user: valueOf('SocketUser'),
    group: valueOf('SocketGroup'),
  };
  const backlog = Number(valueOf('Backlog') ?? 0);
  const name = valueOf('FileDescriptorName') ?? `${unit.name}.socket`;
  return entries.flatMap(({ key, value }) => {
    if (SILENT.has(key)) return [];
    const listen = key === 'ListenStream' ? listenOf(value, settings) : null;
    if (listen !== null) return [{ name, listen, ...(backlog > 0 && backlog <= 65_535 && { backlog }) }];
    app.unmapped(
      `Socket ${key}`,
      value,
      key.startsWith('Listen') ? 'only TCP and Unix stream sockets are passed' : undefined,
    );
    return [];
  });
}

/** Null: no place that a socket of an app can have. */
function listenOf(text: string, { mode, user, group }: ListenSettings): unknown {
  if (/^\d+$/.test(text)) return Number(text);
  if (text.startsWith('/'))
    return { path: text, mode, ...(user !== undefined && { user }), ...(group !== undefined && { group }) };
  return /^(?:\d+(?:\.\d+){3}|\[[0-9a-fA-F:.]+\]):\d+$/.test(text) ? text : null;
}
