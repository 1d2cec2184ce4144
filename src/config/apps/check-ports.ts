import type { Failure } from '../../lib/failure.ts';
import { commonPorts, portClaims, portName, type PortClaim } from '../../spec/ports/port-claims.ts';
import type { AppSpec } from '../../spec/types.ts';
import { appFailure, writtenPath, type DeclaredApp } from '../shape/declared-app.ts';
import { locate, placeText, type SourcePath } from '../read/source.ts';

/** An app of the file, and what it became. */
interface PlacedApp {
  readonly declared: DeclaredApp;
  readonly spec: AppSpec;
}

interface Claimed {
  readonly app: PlacedApp;
  readonly claim: PortClaim;
}

/**
 * Fixed ports that two apps of a project want. Apps that nobody starts (`autostart: false`) may have the port of another:
 * only one of them runs.
 */
export function portConflicts(apps: readonly PlacedApp[]): readonly Failure[] {
  const claimed = apps
    .filter(({ spec }) => spec.autostart)
    .flatMap((app) => portClaims(app.spec, app.spec.instances).map((claim) => ({ app, claim })));
  // By their first number: those that can meet another are near each other.
  const sorted = claimed.toSorted((one, other) => one.claim.first - other.claim.first);
  const failures: Failure[] = [];
  let open: readonly Claimed[] = [];
  for (const later of sorted) {
    open = open.filter(({ claim }) => claim.last >= later.claim.first);
    const earlier = open.find(
      ({ app, claim }) => app !== later.app && commonPorts(claim, later.claim) !== null,
    );
    if (earlier !== undefined) failures.push(conflict(...inFileOrder(earlier, later, apps)));
    open = [...open, later];
  }
  return failures;
}

/** The one that comes later in the file is told of the one before it. */
function inFileOrder(
  one: Claimed,
  other: Claimed,
  apps: readonly PlacedApp[],
): readonly [later: Claimed, first: Claimed] {
  return apps.indexOf(one.app) < apps.indexOf(other.app) ? [other, one] : [one, other];
}

function conflict(later: Claimed, first: Claimed): Failure {
  const common = commonPorts(first.claim, later.claim);
  const { document, root } = {
    document: first.app.declared.document,
    root: first.app.declared.document.root,
  };
  const place = placeText(document, locate(root, writtenPath(first.app.declared, pathOf(first)), 'value'));
  const slots = [first, later].some(({ claim }) => claim.first !== claim.last)
    ? ': in fork mode each instance takes the next number'
    : '';
  return appFailure(
    later.app.declared,
    { path: pathOf(later) },
    {
      code: 'CONFIG_PORT_CONFLICT',
      message: `port ${portName(common?.first ?? 0, later.claim.protocol)} is that of ${JSON.stringify(first.app.spec.name)} as well${slots}`,
      hint: 'give one of them another port, or `port: auto`; two apps can have one port at different addresses (`host` in `ports`)',
      details: [`the other one is at ${place}`],
    },
  );
}

/** Where the app says the port; one that only its environment says is at the app's `port` all the same. */
function pathOf({ app, claim }: Claimed): SourcePath {
  const { port } = app.declared.app;
  if (port === undefined) return ['ports', claim.index, 'port'];
  return claim.index === 0 ? ['port'] : ['ports', claim.index - 1, 'port'];
}
