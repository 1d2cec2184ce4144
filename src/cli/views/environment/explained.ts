import { relative } from 'node:path';
import type { ProcessVariable } from '../../../api/contract/wire/surroundings/environment.ts';
import type { ExplainedEnvironment, ExplainedLayer, ExplainedVariable } from '../../environment/explained.ts';
import { formatAge } from '../text/quantities.ts';
import { renderTable, type Cell } from '../text/table.ts';
import type { Style } from '../text/terminal.ts';
import { cutTo, escapeControls } from '../text/text.ts';

interface Look {
  readonly style: Style;
  readonly cwd: string;
  readonly nowMs: number;
}

const VALUE_WIDTH = 40;

/** Every variable in a line. */
export function renderExplained({ variables }: ExplainedEnvironment, look: Look): string {
  if (variables.length === 0) return '';
  const hasProcesses = variables.some(({ processes }) => processes.length > 0);
  const rows = variables.map((variable): readonly Cell[] => {
    const [first, ...over] = variable.layers;
    const texts = [
      variable.name,
      cutTo(valueText(variable), VALUE_WIDTH),
      first === undefined ? '-' : layerText(first, look),
      overText(over, look),
    ];
    const state = {
      text: stateText(variable, look),
      paint: isBehind(variable) ? look.style.yellow : undefined,
    };
    return [
      ...texts.map((text) => ({ text: escapeControls(text, false) })),
      ...(hasProcesses ? [state] : []),
    ];
  });
  const headers = ['NAME', 'VALUE', 'SET BY', 'OVER', ...(hasProcesses ? ['PROCESSES'] : [])];
  return renderTable(headers, rows);
}

/** The next one in full: all of them are for who asks for one variable. */
function overText([next, ...more]: readonly ExplainedLayer[], look: Look): string {
  if (next === undefined) return '-';
  return `${layerText(next, look)}${more.length === 0 ? '' : ` (+${more.length})`}`;
}

/** One variable, with all that is known of it. */
export function renderVariable(variable: ExplainedVariable, look: Look): string {
  const { name, layers, problem, applied, processes } = variable;
  const rows = layers.map((layer, index) => [
    { text: index === 0 ? '  set by' : '  over' },
    { text: layerText(layer, look) },
    { text: layer.value ?? (layer.file === undefined ? '' : 'null: it takes the variable away') },
  ]);
  const running = processes.map((process) => [
    { text: `  slot ${process.slot}` },
    { text: `pid ${process.pid}` },
    { text: processText(process, variable, look) },
  ]);
  const notes = [
    ...(layers.length === 0 ? ['  nobody gives it any more'] : []),
    ...(problem === undefined ? [] : [`  problem: ${problem}`]),
    ...(applied === false
      ? ['  the file says something else than what was applied: stateward plan shows what']
      : []),
  ];
  const text = [
    `${look.style.bold(name)} = ${valueText(variable)}\n`,
    renderTable(null, rows),
    renderTable(null, running),
    ...notes.map((note) => `${note}\n`),
  ];
  return text
    .map((part) =>
      part
        .split('\n')
        .map((line) => escapeControls(line, true))
        .join('\n'),
    )
    .join('');
}

function valueText({ value, reads, layers }: ExplainedVariable): string {
  if (reads !== undefined) return `<${reads}>`;
  if (value !== null) return value;
  return layers[0]?.by === 'stateward' ? '(of each process)' : '-';
}

/** `extends web, ecosystem.yaml:3`; `daemon`. */
function layerText({ by, file, line }: ExplainedLayer, { cwd }: Look): string {
  if (file === undefined) return by === 'daemon' ? 'the daemon, as of every app' : by;
  const near = file.startsWith('/') ? relative(cwd, file) : file;
  const shown = near.startsWith('..') || near === '' ? file : near;
  return `${by}, ${line === undefined ? shown : `${shown}:${line}`}`;
}

function isBehind({ processes }: ExplainedVariable): boolean {
  return processes.some(({ state }) => ['older', 'rotated', 'absent', 'gone'].includes(state));
}

function stateText(variable: ExplainedVariable, look: Look): string {
  const { processes } = variable;
  if (processes.length === 0) return '-';
  const texts = processes.map((process) => processText(process, variable, look, true));
  const [first = ''] = texts;
  if (texts.every((text) => text === first)) return first;
  return processes.map(({ slot }, index) => `${slot}: ${texts[index] ?? ''}`).join(', ');
}

function processText(
  { state, startedAt, value }: ProcessVariable,
  { reads }: ExplainedVariable,
  { nowMs }: Look,
  isShort = false,
): string {
  const age = `${formatAge(nowMs - Date.parse(startedAt))} ago`;
  const has = value === undefined ? '' : `: ${value}`;
  switch (state) {
    case 'same':
      return isShort
        ? 'same'
        : `has it, since it started ${age}${reads === undefined ? '' : ', when it was read'}`;
    case 'older':
      return isShort
        ? 'older value'
        : `has an older value${has}; stateward apply or restart gives it the new one`;
    case 'rotated':
      return isShort
        ? 'rotated since'
        : `has the value of when it started ${age}; it was rotated since, and stateward apply rolls it out`;
    case 'absent':
      return isShort ? 'not there' : 'does not have it';
    case 'gone':
      return isShort ? 'still there' : `still has it, from before${has}`;
    case 'as-started':
      return isShort
        ? 'as started'
        : `has what was read when it started ${age}; what it would be now only a start tells`;
    case 'unknown':
      return isShort ? 'unknown' : 'its environment cannot be read';
  }
}
