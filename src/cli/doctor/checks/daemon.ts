import { wayOutOfSilentRunner } from '../../../home/silent.ts';
import { fail, failed, NO_DAEMON, ok, skip, warn, type Check, type Finding } from '../check.ts';
import { pidOf, type DoctorFacts } from '../facts.ts';
import { processInfo } from '../processes.ts';

const NODE_FLOOR: readonly [number, number] = [20, 19];
const RENEW = 'stateward daemon upgrade takes the installed one into use; no app is touched';

export const DAEMON_CHECKS: readonly Check[] = [
  { name: 'node', run: node },
  { name: 'daemon', run: daemon },
  { name: 'daemon version', run: (facts) => version('controller', facts) },
  { name: 'runner', run: runner },
  { name: 'runner version', run: (facts) => version('runner', facts) },
  { name: 'build', run: build },
  { name: 'locks', run: locks },
  { name: 'receivers', run: receivers },
  { name: 'listener', run: listener },
];

function node({ node: running }: DoctorFacts): Finding {
  const [major = 0, minor = 0] = running.split('.').map(Number);
  const [floorMajor, floorMinor] = NODE_FLOOR;
  if (major > floorMajor || (major === floorMajor && minor >= floorMinor)) return ok(`v${running}`);
  return fail(`v${running} is too old`, `install Node ${NODE_FLOOR.join('.')} or newer`);
}

function daemon({ status, holders, whyHeldUp }: DoctorFacts): Finding {
  if (status.ok) return ok(`answers (pid ${status.value.controller?.pid ?? 'unknown'})`);
  if (status.error.code !== 'DAEMON_UNREACHABLE') return failed(status.error);
  if (holders.controller === null) return warn('does not run', 'stateward daemon start');
  const { controller } = holders;
  const why = whyHeldUp(controller);
  return fail(
    `process ${controller} holds the home, and nobody can be reached at its socket${why === null ? '' : `: ${why}`}`,
    `it may be starting: try again; if it stays so, kill -KILL ${controller} ends it, and apps keep running`,
  );
}

function runner(facts: DoctorFacts): Finding {
  const { status, offline, whyHeldUp } = facts;
  const said = status.ok ? status.value : offline;
  const pid = pidOf('runner', facts);
  if (said?.problem !== undefined) return failed(said.problem);
  const why = pid === null ? null : whyHeldUp(pid);
  // It may have been stopped just now: the controller finds that out after some seconds.
  if (pid !== null && why !== null && why !== 'it is busy') {
    return fail(`the runner (pid ${pid}) does not answer: ${why}`, wayOutOfSilentRunner(pid));
  }
  if (pid !== null) return ok(`${status.ok ? 'answers' : 'runs'} (pid ${pid})`);
  if (!status.ok) return skip(NO_DAEMON);
  return fail('does not answer', 'stateward events shows why; the daemon keeps trying');
}

function version(who: 'controller' | 'runner', { status, offline, version: own }: DoctorFacts): Finding {
  const said = status.ok ? status.value[who] : (offline?.[who] ?? null);
  if (said === null) return skip(status.ok ? 'it does not say' : NO_DAEMON);
  return said.version === own ? ok(own) : warn(`${said.version}, this command is ${own}`, RENEW);
}

/** The same version may have been built or installed again; and Node may have been replaced below a process. */
function build(facts: DoctorFacts): Finding {
  const { host, program, now } = facts;
  const pids = [pidOf('controller', facts), pidOf('runner', facts)].filter((pid) => pid !== null);
  if (pids.length === 0) return skip(NO_DAEMON);
  for (const pid of pids) {
    if (host.link(`/proc/${pid}/exe`)?.endsWith(' (deleted)') === true) {
      return warn(`the Node that process ${pid} runs in was replaced or removed`, RENEW);
    }
  }
  const { status } = facts;
  const upMs = status.ok ? status.value.controller?.uptimeMs : undefined;
  const installedAt = host.stat(program)?.changedAt;
  if (upMs === undefined || installedAt === undefined) return skip('when it was started is not known');
  if (installedAt <= now - upMs) return ok('the daemon runs what is installed');
  return warn('stateward was installed again after the daemon was started', RENEW);
}

function locks({ holders, status, host }: DoctorFacts): Finding {
  const said = status.ok ? status.value.controller?.pid : undefined;
  const { controller, runner: holder } = holders;
  if (said !== undefined && controller !== null && controller !== said) {
    return fail(
      `process ${controller} holds the lock of the controller, and ${said} answers`,
      'the home was copied or removed while it was in use: stateward daemon stop, then start',
    );
  }
  const held = [
    ...(controller === null ? [] : [`controller: ${controller}`]),
    ...(holder === null ? [] : [`runner: ${holder}`]),
  ];
  const zombie = [controller, holder].find((pid) => pid !== null && processInfo(host, pid)?.state === 'Z');
  if (zombie !== undefined && zombie !== null) {
    return warn(`process ${zombie} has ended and was not reaped`, 'run the container with an init: --init');
  }
  return ok(held.length === 0 ? 'nobody holds them' : held.join(', '));
}

/** Those who are told what happens here. */
function receivers({ status }: DoctorFacts): Finding {
  if (!status.ok) return skip(NO_DAEMON);
  const [first, ...more] = status.value.receivers ?? [];
  if (first === undefined) return ok('none waits to be reached');
  const others = more.length === 0 ? '' : `; and ${more.map(({ name }) => name).join(', ')}`;
  return warn(`${first.name} is not reached since ${first.since}: ${first.message}${others}`, first.hint);
}

/** Browsers and other machines. */
function listener({ status }: DoctorFacts): Finding {
  if (!status.ok) return skip(NO_DAEMON);
  const { http } = status.value;
  if (http === undefined) return skip('nothing is to be listened at (http.listen)');
  const [first, ...more] = http.problems;
  if (first === undefined) return ok(`listens at ${http.address ?? http.listen}`);
  const others = more.length === 0 ? '' : `; and ${more.map(({ message }) => message).join('; ')}`;
  const found = `${first.message}${others}`;
  return http.address === null ? fail(found, first.hint) : warn(found, first.hint);
}
