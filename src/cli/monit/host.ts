import type { App } from '../../api/contract/wire/apps.ts';
import { splitAppKey, type AppKey } from '../../lib/app-key.ts';
import { FailureError, type Failure } from '../../lib/failure.ts';
import type { ProjectSource } from '../../spec/types.ts';
import type { VerbRequest } from '../../api/contract/wire/verbs.ts';
import { applyRequest } from '../declare/applying.ts';
import { whoAmI } from '../declare/project-files.ts';
import { rollbackTarget } from '../revisions/rollback-target.ts';
import type { Api } from '../session/api.ts';
import type { CliContext } from '../session/context.ts';
import { toFailures, unwrap } from '../session/failures.ts';
import { renderDescription } from '../views/describe/describe.ts';
import { renderEvents } from '../views/apps/events.ts';
import { renderWhy } from '../views/apps/why.ts';
import { renderFailures } from '../views/failure.ts';
import { renderPlan } from '../views/plan/plan-human.ts';
import { count } from '../views/text/quantities.ts';
import { readAgain } from '../variants/recorded.ts';
import { secretVars } from '../variants/variants.ts';
import type { Style } from '../views/text/terminal.ts';
import { instanceFigures } from './instance-figures.ts';
import type { Action, TextTopic } from './model/state.ts';

export interface HostOptions {
  readonly api: Api;
  readonly context: CliContext;
  readonly style: Style;
  /** Of a detail: what a watch, which alone has the agents measure, has said last of the app. */
  readonly live?: App | undefined;
}

const EVENTS = 200;
const EVENTS_OF_APP = 20;

/** Looks up the lines of a screen; what goes wrong is what they say. */
export async function loadText(
  topic: TextTopic,
  app: AppKey | null,
  options: HostOptions,
): Promise<readonly string[]> {
  try {
    const text = await textOf(topic, app, options);
    return text.trimEnd().split('\n');
  } catch (error) {
    return renderFailures(toFailures(error, null), options.style).trimEnd().split('\n');
  }
}

function textOf(topic: TextTopic, app: AppKey | null, options: HostOptions): Promise<string> {
  if (topic === 'events') return eventsText(app, options);
  if (app === null) return Promise.resolve('');
  return topic === 'detail' ? detailText(app, options) : planText(app, options);
}

/** The newest first: the screen begins at its top. */
async function eventsText(app: AppKey | null, { api, style }: HostOptions): Promise<string> {
  const selectors = app === null ? [] : [app];
  const { items } = unwrap(await api.events({ selectors, limit: EVENTS }));
  return items.length === 0 ? 'nothing has happened yet' : renderEvents(items.toReversed(), style);
}

/** Why it is as it is, and everything about it. */
async function detailText(app: AppKey, { api, context, style, live }: HostOptions): Promise<string> {
  const selectors = [app];
  const [apps, events, why] = await Promise.all([
    api.apps({ selectors, spec: 'redacted', ports: true }),
    api.events({ selectors, limit: EVENTS_OF_APP }),
    api.why(splitAppKey(app)),
  ]);
  const [found] = unwrap(apps).items;
  if (found === undefined) return 'it is not declared any more';
  const nowMs = context.clock.now();
  const description = await renderDescription(found, unwrap(events).items, { style, nowMs });
  const said = why.ok ? [renderWhy(why.value, { style, nowMs, log: [] })] : [];
  return [...said, instanceFigures(found, { nowMs, live }), description]
    .filter((text) => text !== '')
    .join('\n');
}

/** What applying the files of a project as they are now would change, read with the environment of this shell. */
async function planText(app: AppKey, { api, context, style }: HostOptions): Promise<string> {
  const { project } = splitAppKey(app);
  const source = await recordedSource(project, api);
  const { files, env, over = [] } = source;
  const [first] = files;
  if (first === undefined) {
    return `${project} was started by hand: no file declares it, so there is nothing to compare it with`;
  }
  if ([...files, ...over].includes('-')) {
    return `${project} was declared on a standard input, which cannot be read again`;
  }
  const hidden = secretVars(source);
  if (hidden.length > 0) {
    return `${project} was applied with --var ${hidden.join(', ')}, a secret that is not kept: stateward plan takes it again`;
  }
  const declared = await readAgain(source, context, '');
  const plan = unwrap(await api.plan(applyRequest(declared.projects, 'monit: plan', {})));
  const from = `${files.join(', ')}${over.map((file) => ` + ${file}`).join('')}${env === null ? '' : ` --env ${env}`}, with the environment of this shell`;
  const warned = declared.warnings.length;
  return [
    style.dim(from),
    ...(warned === 0
      ? []
      : [style.yellow(`${count(warned, 'warning')}: stateward validate -f ${first} shows them`)]),
    '',
    renderPlan(plan, { color: style.enabled, width: Number.MAX_SAFE_INTEGER }),
    ...(plan.guard === null ? [] : [renderFailures([plan.guard], style)]),
  ].join('\n');
}

async function recordedSource(project: string, api: Api): Promise<ProjectSource> {
  const [newest] = unwrap(await api.revisions({ project })).items;
  if (newest === undefined) return { files: [], env: null };
  return unwrap(await api.revision({ project, revision: newest.revision })).spec.source;
}

const VERBS = {
  restart: 'restart',
  reload: 'reload',
  stop: 'stop',
  start: 'start',
  pause: 'rollout-pause',
  resume: 'rollout-resume',
} as const satisfies Record<Exclude<Action, 'rollback'>, VerbRequest['verb']>;

/** Does what was asked for; what follows from it, the screen shows. */
export async function act(action: Action, app: AppKey, { api }: HostOptions): Promise<string> {
  if (action === 'rollback') return rollBack(app, api);
  const request = { verb: VERBS[action], selectors: [app], by: whoAmI(), command: `monit: ${action} ${app}` };
  const { results } = unwrap(await api.verb(request));
  return results.map((result) => `${result.app}: ${result.message}`).join('; ');
}

async function rollBack(app: AppKey, api: Api): Promise<string> {
  const { project, name } = splitAppKey(app);
  const { to } = await rollbackTarget({ project, app }, undefined, api);
  const request = applyRequest([to.spec], `rollback ${app} --to ${to.revision}`, {
    only: [name],
    keepOrigin: true,
    code: 'leave',
  });
  unwrap(await api.apply(request));
  return `${app}: goes back to what revision ${to.revision} declared`;
}

/** A thrown value in one line, with the way out. */
export function lineOf(error: unknown): string {
  const [{ message, hint }]: readonly [Failure, ...Failure[]] =
    error instanceof FailureError ? error.failures : toFailures(error, null);
  return hint === undefined ? message : `${message} (${hint})`;
}
