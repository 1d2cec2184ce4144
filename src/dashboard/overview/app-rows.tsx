import { appKey } from '../../lib/app-key.ts';
import { formatCpu, formatMemory } from '../../cli/views/text/quantities.ts';
import type { App } from '../../api/contract/wire/apps.ts';
import { usage } from '../link/feed.ts';
import { attentionGroups, instanceTone } from '../model/attention.ts';
import { sum } from '../model/usage-series.ts';
import { Badge, Health, Sync } from '../parts/badges.tsx';
import { Spark } from '../parts/spark.tsx';
import { Ago, In } from '../parts/time.tsx';
import { appRoute, follow } from '../shell/navigate.ts';
import type { Row } from './rows.ts';

export function ListHead() {
  return (
    <div class="row list-head" aria-hidden="true">
      <span class="name">App</span>
      <span>Health</span>
      <span>Sync</span>
      <span class="figure">Ready</span>
      <span class="figure">Restarts</span>
      <span class="figure use">CPU</span>
      <span class="figure use">Memory</span>
      <span class="wide">Commit</span>
      <span class="wide">Next run</span>
      <span class="figure wide">Age</span>
    </div>
  );
}

export function ProjectRow({ row }: { readonly row: Extract<Row, { kind: 'project' }> }) {
  const { project, apps } = row;
  const bad = attentionGroups(apps).length;
  return (
    <div class="row project" role="listitem">
      <h3>{project}</h3>
      <span class="muted figures">
        {apps.length} {apps.length === 1 ? 'app' : 'apps'}
        {bad > 0 && ` · ${bad} to look at`}
      </span>
    </div>
  );
}

interface AppRowProps {
  readonly row: Extract<Row, { kind: 'app' }>;
  readonly isAt: boolean;
  readonly onToggle: () => void;
}

export function AppRow({ row, isAt, onToggle }: AppRowProps) {
  const { app, isOpen } = row;
  const { status } = app;
  const series = usage.value.get(appKey(app.project, app.name));
  const restarts = status.instances.reduce((total, one) => total + one.restarts, 0);
  return (
    <div class={`row app${isAt ? ' at' : ''}`} role="listitem" aria-current={isAt ? 'true' : undefined}>
      <span class="name">
        <button
          type="button"
          class="plain opener"
          aria-expanded={isOpen}
          aria-label={`Instances of ${app.name}`}
          onClick={onToggle}
        >
          {isOpen ? '▾' : '▸'}
        </button>
        <a {...follow(appRoute(app))}>{app.name}</a>
      </span>
      <span class="health">
        <Health health={status.health} />
      </span>
      <span class="synced">
        <Sync sync={status.sync} />
      </span>
      <span class="figure ready" title="Instances that are ready, of those that are wanted">
        {status.readyInstances}/{status.desiredInstances}
      </span>
      <span class={`figure restarts${restarts === 0 ? ' zero' : ''}`}>{restarts}</span>
      <span class="figure use">
        <Spark values={series?.cpu ?? []} label={`CPU of ${app.name}`} />
        <span>{figure(sum(app, 'cpuPercent'), formatCpu)}</span>
      </span>
      <span class="figure use">
        <Spark values={series?.memory ?? []} label={`Memory of ${app.name}`} />
        <span>{figure(sum(app, 'memoryBytes'), formatMemory)}</span>
      </span>
      <span class="wide">{commitOf(app)}</span>
      <span class="wide">{status.nextRun == null ? '' : <In at={status.nextRun} />}</span>
      <span class="figure wide">
        <Ago at={status.instances[0]?.startedAt ?? null} />
      </span>
    </div>
  );
}

export function InstanceRow({ row }: { readonly row: Extract<Row, { kind: 'instance' }> }) {
  const { instance, app } = row;
  const tone = instanceTone(instance, app.status.health);
  return (
    <div class="row instance" role="listitem">
      <span class="name muted">
        {app.name}:{instance.slot}
      </span>
      <span class="health">
        <Badge tone={tone}>{instance.ready ? 'ready' : instance.state}</Badge>
      </span>
      <span class="synced muted">{instance.pid === null ? 'no process' : `pid ${instance.pid}`}</span>
      <span class="figure ready" />
      <span class="figure restarts">{instance.restarts}</span>
      <span class="figure use">{figure(instance.cpuPercent, formatCpu)}</span>
      <span class="figure use">{figure(instance.memoryBytes, formatMemory)}</span>
      <span class="wide">{instance.code?.commit?.slice(0, 7) ?? ''}</span>
      <span class="wide" />
      <span class="figure wide">
        <Ago at={instance.startedAt} />
      </span>
    </div>
  );
}

function figure(value: number | null, format: (value: number) => string): string {
  return value === null ? '–' : format(value);
}

/** Of its source, else what its processes were started from. */
function commitOf({ source, status }: App) {
  const code = status.instances.find((one) => one.code?.commit != null)?.code;
  const commit = source?.commit ?? code?.commit ?? null;
  if (commit === null) return '';
  return (
    <code title={source === undefined ? (code?.branch ?? '') : `source ${source.name}`}>
      {commit.slice(0, 7)}
      {code?.dirty === true && '*'}
    </code>
  );
}
