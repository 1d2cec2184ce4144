import type { App, InstanceStatus } from '../../../api/contract/wire/apps.ts';
import type { EventInfo } from '../../../api/contract/wire/events.ts';
import type { Style } from '../text/terminal.ts';
import {
  cpuCell,
  memoryCell,
  portText,
  restartReasons,
  restartsCell,
  textCell,
  uptimeCell,
} from '../apps/cells.ts';
import { renderEvents } from '../apps/events.ts';
import { renderHookRuns } from '../hooks/hook-runs.ts';
import { renderCustomActions, renderCustomMetrics } from '../custom/said.ts';
import { codeAndBranch } from '../apps/code-text.ts';
import { facts, type FactsOptions } from './facts.ts';
import { driftLine } from '../drift/drift-text.ts';
import { formatAge } from '../text/quantities.ts';
import { renderRollout } from '../apps/rollout.ts';
import { renderTable } from '../text/table.ts';
import { escapeControls } from '../text/text.ts';
import { renderYaml } from '../yaml.ts';

export interface DescribeOptions extends FactsOptions {
  /** The last lines of its log, where they say why it is as it is. */
  readonly log?: readonly string[];
}

/** All are in JSON. */
const HOOKS_SHOWN = 10;

/** One app in sections: facts, conditions, drift, holds, instances, what is declared, last events. */
export async function renderDescription(
  app: App,
  events: readonly EventInfo[],
  options: DescribeOptions,
): Promise<string> {
  const declared = await declaredFields(app);
  const sections = [
    renderTable(null, facts(app, options)),
    section('Conditions', conditions(app, options), options.style),
    section('Drift', drift(app), options.style),
    section('Waiting for', holds(app), options.style),
    section('Rollout', rollout(app, options), options.style),
    section('Instances', instances(app, options), options.style),
    section('Says', said(app), options.style),
    section('Metrics', renderCustomMetrics(app.status), options.style),
    section('Actions', renderCustomActions(app.status), options.style),
    section('Runs', runs(app), options.style),
    section('Hooks', renderHookRuns((app.status.hooks ?? []).slice(0, HOOKS_SHOWN), options), options.style),
    section('Last output', (options.log ?? []).join('\n'), options.style),
    section('Probes', probes(app, options), options.style),
    section('Declared', declared === null ? '' : await renderYaml(declared), options.style),
    section('Events', renderEvents(events, options.style), options.style),
  ];
  return sections.filter((text) => text !== '').join('\n');
}

function conditions({ status }: App, { nowMs }: DescribeOptions): string {
  if (status.conditions.length === 0) return '';
  return renderTable(
    ['TYPE', 'STATUS', 'REASON', 'SINCE', 'MESSAGE'],
    status.conditions.map((condition) => [
      { text: condition.type },
      { text: condition.status },
      { text: condition.reason },
      { text: formatAge(nowMs - Date.parse(condition.lastTransitionTime)) },
      { text: condition.message },
    ]),
  );
}

function drift({ status }: App): string {
  return (status.drift ?? [])
    .map(
      (one) => `${one.kind}: ${driftLine(one)}
`,
    )
    .join('');
}

function holds({ status }: App): string {
  return status.holds
    .map(({ slot, message }) => `${slot === null ? 'app' : `slot ${slot}`}: ${message}\n`)
    .join('');
}

function rollout({ status }: App, options: DescribeOptions): string {
  return status.rollout === undefined || status.rollout === null
    ? ''
    : renderRollout(status.rollout, options);
}

/** A slot that is being replaced has two lines: the process that leaves, and the one that proves itself. */
function instances({ status }: App, { nowMs }: DescribeOptions): string {
  if (status.instances.length === 0) return '';
  return renderTable(
    [
      ...['ID', 'SLOT', 'REVISION', 'CODE', 'PID', 'PORT', 'STATE', 'READY', 'RESTARTS', 'REASONS'],
      ...['CPU', 'MEM', 'UPTIME', 'LAST EXIT'],
    ],
    status.instances.map((instance) => [
      { text: String(instance.id) },
      { text: String(instance.slot) },
      { text: String(instance.revision ?? '-') },
      { text: codeAndBranch(instance.code) },
      textCell(instance.pid),
      textCell(portText(instance)),
      { text: `${instance.state}${instance.foundByMark === true ? ' (found by mark)' : ''}` },
      { text: readyText(instance) },
      restartsCell([instance], nowMs),
      textCell(restartReasons([instance]) || null),
      cpuCell([instance]),
      memoryCell([instance]),
      uptimeCell([instance], nowMs),
      { text: lastExitText(instance, nowMs) },
    ]),
  );
}

function readyText({ ready, accepting }: InstanceStatus): string {
  if (ready) return 'yes';
  return accepting === false ? 'no (others take its connections)' : 'no';
}

/** What each process has said of itself. */
function said({ status }: App): string {
  const lines = status.instances.flatMap(({ slot, says }) => (says === undefined ? [] : [{ slot, says }]));
  return lines.map(({ slot, says }) => `slot ${slot}: ${escapeControls(says, false)}\n`).join('');
}

function runs({ status }: App): string {
  if (status.runs === undefined || status.runs.length === 0) return '';
  return renderTable(
    ['STARTED', 'ENDED', 'OUTCOME'],
    status.runs.map(({ started, ended, outcome }) => [
      { text: started },
      { text: ended ?? '-' },
      { text: outcome },
    ]),
  );
}

function probes({ status }: App, { nowMs }: DescribeOptions): string {
  const rows = status.instances.flatMap(({ slot, probes = [] }) =>
    probes.map((probe) => ({ slot, ...probe })),
  );
  if (rows.length === 0) return '';
  return renderTable(
    ['SLOT', 'PROBE', 'STATE', 'SINCE', 'LAST FAILURE'],
    rows.map(({ slot, kind, state, since, lastFailure }) => [
      { text: String(slot) },
      { text: kind },
      { text: state },
      { text: formatAge(nowMs - Date.parse(since)) },
      { text: lastFailure === null ? '-' : escapeControls(lastFailure, false) },
    ]),
  );
}

function lastExitText({ lastExit }: InstanceStatus, nowMs: number): string {
  if (lastExit === null) return '-';
  const ago = `${formatAge(nowMs - Date.parse(lastExit.at))} ago`;
  if (lastExit.error !== null) return `${escapeControls(lastExit.error, false)} (${ago})`;
  const how = lastExit.signal === null ? `code ${lastExit.code ?? 'unknown'}` : lastExit.signal;
  return `${how}, ${lastExit.reason} (${ago})`;
}

/** The spec as one would write it, without defaults. Null when it was not requested. */
async function declaredFields({ spec }: App): Promise<unknown> {
  if (spec === null) return null;
  const { denormaliseApp } = await import('../../../spec/normalise/denormalise.ts');
  return denormaliseApp(spec);
}

function section(title: string, body: string, style: Style): string {
  if (body === '') return '';
  const indented = body.trimEnd().replace(/^(?=.)/gm, '  ');
  return `${style.bold(`${title}:`)}\n${indented}\n`;
}
