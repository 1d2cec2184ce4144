import { isCluster } from './meaning.ts';
import type { Fields } from '../model/imported.ts';

/** One app to be moved. Names that PM2 has several apps under are moved together. */
export interface Moving {
  readonly name: string;
  readonly pm2Name: string;
  readonly fields: Fields;
}

export interface MoveOptions {
  /** The ecosystem file, as it is typed. */
  readonly file: string;
  /** The project of the file. */
  readonly project: string;
}

interface Step {
  readonly pm2Name: string;
  readonly apps: readonly Moving[];
}

/**
 * The way from PM2 as commands, app by app: each is down only between its own stop and its own start. PM2 keeps an app
 * until it runs here, so that a step that fails can be undone.
 */
export function moveText(apps: readonly Moving[], options: MoveOptions): string {
  const steps = inOrder(stepsOf(apps));
  const lines = steps.flatMap((step, index) => [
    `  # ${index + 1} of ${steps.length}: ${step.apps.map(describe).join('; ')}`,
    `  ${commands(step, options)}`,
    '',
  ]);
  return [
    'To move from PM2, app by app; all others run on meanwhile:',
    '',
    ...lines,
    ...endLines(steps, options),
    '',
  ].join('\n');
}

function endLines(steps: readonly Step[], { project }: MoveOptions): readonly string[] {
  if (steps.length === 0) return [];
  return [
    '  # back, for one that does not come up here (PM2 deletes it only after it did):',
    `  #   stateward delete ${word(project)}/NAME; pm2 start NAME`,
    '',
    '  # when all are moved: PM2 no longer starts with the host, stateward does',
    '  pm2 unstartup; pm2 kill',
    '  stateward startup',
  ];
}

function commands({ pm2Name, apps }: Step, { file }: MoveOptions): string {
  const only = apps.map(({ name }) => ` --only ${word(name)}`).join('');
  const old = word(pm2Name);
  return `pm2 stop ${old} && stateward apply -f ${word(file)}${only} && pm2 delete ${old} && pm2 save --force`;
}

function describe({ name, fields }: Moving): string {
  const { instances } = fields;
  const port = portOf(fields);
  const isMany = (typeof instances === 'number' || typeof instances === 'string') && Number(instances) !== 1;
  const many = isMany ? `, ${instances} instances` : '';
  const on = port === null ? '' : `, port ${port}`;
  if (fields['autostart'] === false) return `${name}${many}: stopped in PM2, and here`;
  if (isCluster(fields['exec_mode'])) {
    return `${name}${many}, cluster${on}: PM2 itself holds its port until its last process is stopped`;
  }
  return `${name}${many}${on}`;
}

function portOf(fields: Fields): string | null {
  const env = fields['env'];
  const declared = typeof env === 'object' && env !== null ? (env as Fields)['PORT'] : undefined;
  const port = fields['port'] ?? declared;
  return typeof port === 'string' || typeof port === 'number' ? String(port) : null;
}

function stepsOf(apps: readonly Moving[]): readonly Step[] {
  const steps = new Map<string, Moving[]>();
  for (const app of apps) steps.set(app.pm2Name, [...(steps.get(app.pm2Name) ?? []), app]);
  return [...steps].map(([pm2Name, moving]) => ({ pm2Name, apps: moving }));
}

/** What listens on nothing comes first: a mistake in the file shows where it costs least. */
function inOrder(steps: readonly Step[]): readonly Step[] {
  const rank = ({ apps }: Step): number => {
    if (apps.every(({ fields }) => fields['autostart'] === false)) return 0;
    if (apps.some(({ fields }) => isCluster(fields['exec_mode']))) return 3;
    return apps.some(({ fields }) => portOf(fields) !== null) ? 2 : 1;
  };
  return steps.toSorted((a, b) => rank(a) - rank(b));
}

/** A word as a POSIX shell reads it. */
export function word(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
