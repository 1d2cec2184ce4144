import { unwrittenText } from '../../../api/contract/unwritten-text.ts';
import type { DaemonStatus } from '../../../api/contract/wire/daemon.ts';
import { formatAge } from '../text/quantities.ts';
import { programText } from './versions.ts';
import { settingsLines } from './settings.ts';
import { renderTable, type Cell } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';

/** What runs of the daemon, and where. */
export function renderDaemonStatus({
  controller,
  runner,
  problem,
  home,
  socket,
  apps,
  unwritten,
  receivers = [],
  settings,
  http,
}: DaemonStatus): string {
  const controllerText =
    controller === null
      ? 'not running'
      : `pid ${controller.pid}, version ${programText(controller)}, up ${formatAge(controller.uptimeMs)}`;
  const runnerText =
    runner === null
      ? (problem?.message ?? 'not running')
      : `pid ${runner.pid}, version ${programText(runner)}${problem === undefined ? '' : `; ${problem.message}`}`;
  const help = problem?.hint === undefined ? [] : [[{ text: 'help:' }, { text: problem.hint }]];
  return renderTable(null, [
    [{ text: 'controller:' }, { text: controllerText }],
    [{ text: 'runner:' }, { text: runnerText }],
    ...help,
    ...(apps === undefined ? [] : [[{ text: 'apps:' }, { text: appsText(apps) }]]),
    ...(unwritten === undefined ? [] : [[{ text: 'state:' }, { text: unwrittenText(unwritten) }]]),
    ...receivers.map(({ name, message, hint }, index) => [
      { text: index === 0 ? 'not told:' : '' },
      { text: escapeControls(`${name}: ${message}; ${hint}`, false) },
    ]),
    ...(settings === undefined ? [] : settingsLines(settings)).map((line, index) => [
      { text: index === 0 ? 'settings:' : '' },
      { text: line },
    ]),
    ...(http === undefined ? [] : httpRows(http)),
    [{ text: 'home:' }, { text: home }],
    [{ text: 'socket:' }, { text: socket }],
  ]);
}

/** Where it is listened for browsers and other machines, and what is not as it was asked for. */
function httpRows({ listen, address, url, problems }: NonNullable<DaemonStatus['http']>): readonly Cell[][] {
  const at = address === null ? `not at ${listen}` : `${address}${url === null ? '' : ` (${url})`}`;
  // The rest is said by what is wrong with the settings.
  const ofCertificate = problems.filter(({ reason }) => reason !== 'HttpUnheard');
  return [
    [{ text: 'listens:' }, { text: escapeControls(at, false) }],
    ...ofCertificate.map(({ message, hint }) => [
      { text: '' },
      { text: escapeControls(`${message}; ${hint}`, false) },
    ]),
  ];
}

/** `3 run (5 processes)`. */
function appsText({ count, processes }: NonNullable<DaemonStatus['apps']>): string {
  if (count === 0) return 'none runs';
  return `${count} run${count === 1 ? 's' : ''} (${processes} process${processes === 1 ? '' : 'es'})`;
}
