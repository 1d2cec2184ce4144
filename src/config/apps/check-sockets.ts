import type { Failure } from '../../lib/failure.ts';
import { claimAt } from '../../spec/ports/port-claims.ts';
import { parseListen } from '../../spec/sockets/listen-text.ts';
import { socketsMeet } from '../../spec/sockets/normalise-sockets.ts';
import type { AppSpec, SocketSpec } from '../../spec/types.ts';
import { appFailure, writtenPath, type DeclaredApp } from '../shape/declared-app.ts';
import { locate, placeText } from '../read/source.ts';

/** An app of the file, and what it became. */
interface PlacedApp {
  readonly declared: DeclaredApp;
  readonly spec: AppSpec;
}

interface Placed {
  readonly app: PlacedApp;
  readonly socket: SocketSpec;
  readonly index: number;
}

/** Sockets that two apps of a project want, and those on a port that another app binds by itself. */
export function socketConflicts(apps: readonly PlacedApp[]): readonly Failure[] {
  const placed = apps
    .filter(({ spec }) => spec.autostart)
    .flatMap((app) => app.spec.sockets.map((socket, index) => ({ app, socket, index })));
  return placed.flatMap((later, place): readonly Failure[] => {
    const first = placed
      .slice(0, place)
      .find((earlier) => earlier.app !== later.app && socketsMeet(earlier.socket, later.socket));
    if (first !== undefined) return [conflict(later, first.app, ['sockets', first.index, 'listen'])];
    const other = apps.find((app) => app !== later.app && app.spec.autostart && bindsPortOf(app, later));
    return other === undefined ? [] : [conflict(later, other, ['name'])];
  });
}

function bindsPortOf({ spec }: PlacedApp, { socket }: Placed): boolean {
  const listen = parseListen(socket.listen);
  return listen?.kind === 'tcp' && claimAt(spec, listen) !== null;
}

function conflict(
  { app, socket, index }: Placed,
  first: PlacedApp,
  at: readonly (string | number)[],
): Failure {
  const { document } = first.declared;
  const place = placeText(document, locate(document.root, writtenPath(first.declared, at), 'value'));
  return appFailure(
    app.declared,
    { path: ['sockets', index, 'listen'] },
    {
      code: 'CONFIG_PORT_CONFLICT',
      message: `${socket.listen} is that of ${JSON.stringify(first.spec.name)} as well`,
      hint: 'give one of them another address',
      details: [`the other one is at ${place}`],
    },
  );
}
