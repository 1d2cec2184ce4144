import type { AppBuilder } from '../model/build-app.ts';
import { linesOf } from './ends.ts';
import { commandOf, type ExecLine } from './exec-line.ts';
import { timeoutOf } from './timeouts.ts';
import type { Unit } from './unit.ts';

/** What `RuntimeDirectory=` and the like are for: a reboot leaves nothing of it, and pre_start does not run again then. */
const GONE_AFTER_REBOOT = /(?:^|[\s"'=])\/(?:run|var\/run|tmp|dev\/shm)(?:\/|$)/;
/** How systemd says how a process ended. */
const OF_SYSTEMD = /\$\{?(?:EXIT_CODE|EXIT_STATUS|SERVICE_RESULT|INVOCATION_ID)\b/;

interface HookSource {
  readonly key: string;
  readonly hook: 'pre_start' | 'post_start' | 'post_stop';
  readonly timeout: 'Start' | 'Stop';
  /** Why it is no hook here; null: it is one. */
  readonly whyNot: (line: ExecLine, isJob: boolean) => string | null;
  /** What differs. */
  readonly note: (lines: readonly ExecLine[]) => string | null;
}

const SOURCES: readonly HookSource[] = [
  {
    key: 'ExecStartPre',
    hook: 'pre_start',
    timeout: 'Start',
    whyNot: ({ text, words }, isJob) => {
      const program = words.map((word) => (/\s/.test(word) ? '...' : word)).join(' ');
      const inFront = `put it before the program: script: "${program} && exec ...", shell: true`;
      if (isJob) return `it runs before every run there, and pre_start once for each release: ${inFront}`;
      return GONE_AFTER_REBOOT.test(text)
        ? `it is needed before every start, and pre_start runs once for each release: ${inFront}`
        : null;
    },
    note: () =>
      'pre_start runs once for each release, before its first process: ExecStartPre runs before every start',
  },
  {
    key: 'ExecStartPost',
    hook: 'post_start',
    timeout: 'Start',
    whyNot: (_line, isJob) => (isJob ? 'what follows a job is an app that depends on it: completed' : null),
    note: (lines) =>
      lines.every(({ isOptional }) => isOptional)
        ? null
        : 'when post_start fails, it is told: systemd stops the service when ExecStartPost fails',
  },
  {
    key: 'ExecStopPost',
    hook: 'post_stop',
    timeout: 'Stop',
    whyNot: ({ text }) =>
      OF_SYSTEMD.test(text)
        ? 'a hook is told by STATEWARD_EXIT_CODE, STATEWARD_EXIT_SIGNAL and STATEWARD_REASON'
        : null,
    note: () => null,
  },
];

/** Lines of `Service` that are read here, and not one by one. */
export const HOOK_KEYS: ReadonlySet<string> = new Set(SOURCES.map(({ key }) => key));

/** Commands of a unit before and after its processes. */
export function hooks(app: AppBuilder, unit: Unit, isJob: boolean): void {
  for (const { key, hook, timeout: which, whyNot, note } of SOURCES) {
    const lines = linesOf(app, unit, key).filter((line) => {
      const why = whyNot(line, isJob);
      if (why !== null) app.unmapped(key, line.text, why);
      return why === null;
    });
    if (lines.length === 0) continue;
    const timeout = timeoutOf(unit, which)?.value;
    app.set('hooks', {
      ...(app.get('hooks') as object | undefined),
      [hook]: {
        command: commandOf(lines, { failureCounts: hook === 'pre_start', pid: 'STATEWARD_PID' }),
        ...(timeout !== undefined && { timeout }),
      },
    });
    const differs = note(lines);
    if (differs !== null) app.differs('hooks', differs);
  }
}
