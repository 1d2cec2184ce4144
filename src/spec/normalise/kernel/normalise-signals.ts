import { nearestSignal, signalNamed } from '../../../lib/signals.ts';
import type { App } from '../../generated/ecosystem.ts';
import { SPEC_DEFAULTS } from '../../generated/spec-defaults.ts';
import { isNode } from '../../node-app.ts';
import type { AppSpec } from '../../types.ts';
import type { SpecNote } from '../normalise-context.ts';

/** Signals that no process ends of, and why: to send them to one that is to end would only wait for its kill. */
const NO_END: Readonly<Record<string, string>> = {
  SIGSTOP: 'it suspends the process',
  SIGTSTP: 'it suspends the process',
  SIGTTIN: 'it suspends the process',
  SIGTTOU: 'it suspends the process',
  SIGCONT: 'it has a suspended process go on',
  SIGCHLD: 'the kernel sends it to every process whose child ends',
  SIGURG: 'the kernel sends it for data on a socket',
};

/** For a Node app. */
export const opensDebugger = (path: readonly string[]): SpecNote => ({
  level: 'warning',
  code: 'CONFIG_NO_EFFECT',
  path,
  message: 'Node itself takes SIGUSR1: it opens the debugger, and the app goes on',
  hint: 'an app that handles it does what it likes; for others name another signal',
});

/** Why no process ends of a signal, nor does anything else that is asked for by it; undefined: some may. */
export function whyNoEnd(name: string): string | undefined {
  return NO_END[name];
}

/** As `signalNamed` has it; what means no signal stays as it is written, and is an error among the notes. */
export function readSignal(value: string | number): string {
  return signalNamed(value) ?? String(value);
}

export function readStopSignal({ stop_signal: value }: App): AppSpec['stop_signal'] {
  return value === undefined ? SPEC_DEFAULTS.stop_signal : readSignal(value);
}

/** What no shape can say of the signal that asks an app to end. */
export function stopSignalNotes(app: App, spec: AppSpec): readonly SpecNote[] {
  if (app.stop_signal === undefined) return [];
  const unknown = signalNotes(['stop_signal'], app.stop_signal);
  if (unknown.length > 0) return unknown;
  const name = readSignal(app.stop_signal);
  const why = whyNoEnd(name);
  if (why === undefined) return name === 'SIGUSR1' && isNode(spec) ? [opensDebugger(['stop_signal'])] : [];
  const hint = 'for example SIGTERM, SIGQUIT or SIGKILL';
  return [badValue(['stop_signal'], `${name} ends no process: ${why}`, hint)];
}

/** An error for what is no signal. */
export function signalNotes(path: readonly string[], value: string | number): readonly SpecNote[] {
  if (signalNamed(value) !== undefined) return [];
  const meant = nearestSignal(String(value));
  const hint = meant === null ? 'for example SIGTERM, HUP, 15 or SIGRTMIN+3' : `did you mean ${meant}?`;
  return [badValue(path, `${JSON.stringify(value)} is not a signal`, hint)];
}

function badValue(path: readonly string[], message: string, hint: string): SpecNote {
  return { level: 'error', code: 'CONFIG_BAD_VALUE', path, message, hint };
}
