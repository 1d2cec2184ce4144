import { unwrittenText } from '../../../api/contract/unwritten-text.ts';
import type { DaemonTrouble } from '../../../api/contract/wire/daemon.ts';
import { escapeControls } from '../text/text.ts';
import { settingsLines } from './settings.ts';

/** A line for each thing that is wrong with the daemon itself, with its way out. */
export function daemonTroubleLines({
  problem,
  unwritten,
  receivers = [],
  settings,
  http,
}: DaemonTrouble): readonly string[] {
  // What nobody listens at is said by what is wrong with the settings.
  const ofCertificate = (http?.problems ?? []).filter(({ reason }) => reason !== 'HttpUnheard');
  return [
    ...(problem === undefined ? [] : [`runner: ${said(problem.message, problem.hint)}`]),
    ...(unwritten === undefined ? [] : [`state: ${said(unwrittenText(unwritten), unwritten.hint)}`]),
    ...receivers.map(
      ({ name, message, hint }) => `notifications to ${name}: ${said(message, hint)} (ReceiverFailing)`,
    ),
    ...(settings === undefined ? [] : settingsLines(settings).map((line) => `settings: ${line}`)),
    ...ofCertificate.map(({ reason, message, hint }) => `${said(message, hint)} (${reason})`),
  ];
}

function said(message: string, hint: string | undefined): string {
  return escapeControls(hint === undefined ? message : `${message}; ${hint}`, false);
}
