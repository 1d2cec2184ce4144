import { formatAge, formatCpu, formatMemory } from '../../views/text/quantities.ts';
import { cutTo, displayWidth, escapeControls } from '../../views/text/text.ts';
import { isToLookAt, sumOf } from '../model/apps.ts';
import { isSettledRollout } from '../model/rollout.ts';
import { suggestions } from '../model/prompts.ts';
import { appInView, shownScreen, type MonitState, type Screen } from '../model/state.ts';
import type { Look } from './paint.ts';

/** A piece of a bar: what comes last goes first when there is too little room. */
interface Piece {
  readonly text: string;
  /** Cut where there is too little room, instead of left out. */
  readonly isLong?: true;
  readonly paint?: (text: string) => string;
}

/** How many apps there are and how they are, and whether the controller answers. */
export function titleLine(state: MonitState, { style }: Look): string {
  const { apps, link, readOnly, size, filter, nowMs } = state;
  const all = [...apps.values()];
  const troubled = all.filter(isToLookAt).length;
  const sum = (read: Parameters<typeof sumOf>[1]): number =>
    all.reduce((total, app) => total + (sumOf(app, read) ?? 0), 0);
  const name: Piece = { text: 'stateward', paint: style.bold };
  if (link.state === 'lost') {
    const since = formatAge(nowMs - link.since);
    const text = `controller gone for ${since}, apps are not affected: ${link.why}`;
    return joined([{ text: escapeControls(text, false), isLong: true, paint: style.red }], size.columns);
  }
  return joined(
    [
      name,
      { text: `${apps.size} ${apps.size === 1 ? 'app' : 'apps'}` },
      troubled === 0
        ? { text: '● all well', paint: style.green }
        : { text: `▲ ${troubled} to look at`, paint: style.yellow },
      ...(readOnly ? [{ text: 'read-only', paint: style.yellow }] : []),
      ...(filter === '' ? [] : [{ text: `/${filter}`, paint: style.cyan }]),
      { text: `cpu ${formatCpu(sum(({ cpuPercent }) => cpuPercent))}`, paint: style.dim },
      { text: `mem ${formatMemory(sum(({ memoryBytes }) => memoryBytes))}`, paint: style.dim },
      ...(state.order.key === 'health' ? [] : [{ text: `by ${state.order.key}`, paint: style.dim }]),
      { text: new Date(nowMs).toISOString().slice(11, 19), paint: style.dim },
    ],
    size.columns,
  );
}

/** What is asked or typed, what was said, or which keys there are. */
export function bottomLine(state: MonitState, { style }: Look): string {
  const { prompt, message, size } = state;
  if (prompt?.kind === 'ask') {
    return question(prompt.action, prompt.app, state, style);
  }
  if (prompt !== null) {
    const sign = prompt.kind === 'filter' ? '/' : ':';
    const next =
      prompt.kind === 'command' && prompt.text !== '' ? suggestions(state, prompt.text).slice(0, 6) : [];
    const typed = `${sign}${escapeControls(prompt.text, false)}${style.enabled ? style.bold('▏') : '_'}`;
    return `${typed}${next.length === 0 ? '' : style.dim(`   ${next.join('  ')}`)}`;
  }
  if (message !== null) {
    return (message.isError ? style.red : style.green)(escapeControls(message.text, false));
  }
  return keyBar(keysOf(state), size.columns, style);
}

/** How to answer stays in sight, however long the name is. */
function question(action: string, app: string, { size }: MonitState, style: Look['style']): string {
  const answer = '[y/N]';
  const room = Math.max(1, size.columns - displayWidth(`${action} ? ${answer}`));
  return `${style.yellow(`${action} ${cutTo(escapeControls(app, false), room)}?`)} ${style.bold(answer)}`;
}

type Hint = readonly [key: string, does: string];

function keysOf(state: MonitState): readonly Hint[] {
  const screen: Screen = shownScreen(state);
  const app = appInView(state);
  const isStopped = app !== null && state.apps.get(app)?.status.health === 'Stopped';
  const acts: readonly Hint[] = state.readOnly
    ? []
    : [
        ['r', 'restart'],
        ['s', isStopped ? 'start' : 'stop'],
      ];
  const back: Hint = ['Esc', 'back'];
  switch (screen.kind) {
    case 'list':
      return [
        ...([
          ['↵', 'detail'],
          ['l', 'logs'],
          ...acts,
          ['/', 'filter'],
          ['?', 'help'],
          ['q', 'quit'],
        ] as const),
        ...([
          ['p', 'plan'],
          ['o', 'rollout'],
          ['e', 'events'],
          ['S', 'sort'],
          [':', 'command'],
        ] as const),
      ];
    case 'logs':
      return [
        back,
        ['f', screen.back === 0 ? 'hold' : 'follow'],
        ['/', 'filter'],
        ['w', screen.wrap ? 'cut' : 'wrap'],
        ['0-9', 'slot'],
        ['a', 'all slots'],
        ['?', 'help'],
      ];
    case 'rollout':
      return [back, ['↑↓', 'scroll'], ...rolloutKeys(state), ['l', 'logs'], ['?', 'help']];
    case 'help':
      return [back];
    default:
      return [
        back,
        ['↑↓', 'scroll'],
        ...acts,
        ['l', 'logs'],
        ['o', 'rollout'],
        ['p', 'plan'],
        ['e', 'events'],
        ['?', 'help'],
      ];
  }
}

function rolloutKeys(state: MonitState): readonly Hint[] {
  const app = appInView(state);
  const rollout = app === null ? null : state.apps.get(app)?.status.rollout;
  if (state.readOnly) return [];
  const back: Hint = ['u', 'roll back'];
  if (rollout == null || isSettledRollout(rollout)) return [back];
  return [['Space', rollout.state === 'paused' ? 'resume' : 'pause'], back];
}

function keyBar(hints: readonly Hint[], columns: number, style: Look['style']): string {
  let line = '';
  let left = columns;
  for (const [key, does] of hints) {
    const width = displayWidth(`${key} ${does}`) + (line === '' ? 0 : 2);
    if (width > left) break;
    line += `${line === '' ? '' : '  '}${style.cyan(key)} ${style.dim(does)}`;
    left -= width;
  }
  return line;
}

function joined(pieces: readonly Piece[], columns: number): string {
  let line = '';
  let left = columns;
  for (const { text, isLong, paint = String } of pieces) {
    const gap = line === '' ? '' : '  ';
    if (line !== '' && isLong !== true && left < gap.length + displayWidth(text)) break;
    const cut = cutTo(text, left - gap.length);
    line += gap + paint(cut);
    left -= gap.length + displayWidth(cut);
    if (cut !== text) break;
  }
  return line;
}
