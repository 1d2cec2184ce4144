import type { App, InstanceStatus } from '../../api/contract/wire/apps.ts';
import { formatCpu, formatMemory } from '../../cli/views/text/quantities.ts';
import { instanceTone } from '../model/attention.ts';
import { Badge } from '../parts/badges.tsx';
import { Empty } from '../parts/said.tsx';
import { Ago } from '../parts/time.tsx';
import { useAnswer } from '../parts/use-answer.ts';
import type { AppList } from '../../api/contract/wire/apps.ts';

const PROBE_TONES = { passing: 'good', failing: 'bad', pending: 'info' } as const;

/** Each process, with how its probes are and how it ended last. */
export function Instances({ app }: { readonly app: App }) {
  const { status } = app;
  const path = `/v1/apps?selector=${encodeURIComponent(`${app.project}/${app.name}`)}&spec=none&detail=full&ports=true`;
  const answer = useAnswer<AppList>(path, status);
  const detailed = answer?.ok === true ? answer.value.items[0]?.status.instances : undefined;
  if (status.instances.length === 0) {
    return (
      <Empty title="No instance is there">
        <p class="muted">{status.why ?? 'None is wanted.'}</p>
      </Empty>
    );
  }
  return (
    <section class="instances" aria-label="Instances">
      {(detailed ?? status.instances).map((one) => (
        <Instance key={`${one.slot} ${one.pid ?? ''}`} one={one} status={status} />
      ))}
    </section>
  );
}

function Instance({ one, status }: { readonly one: InstanceStatus; readonly status: App['status'] }) {
  const isOlder = one.revision !== undefined && one.revision !== status.revision;
  return (
    <article class="card">
      <h2 class="figures">
        Instance {one.slot} <span class="muted">id {one.id}</span>
      </h2>
      <span class="states">
        <Badge tone={instanceTone(one, status.health)}>{one.ready ? 'ready' : one.state}</Badge>
        {isOlder && <Badge tone="warn">revision {one.revision}</Badge>}
        {one.accepting === false && <Badge tone="warn">takes no connections</Badge>}
      </span>
      <dl class="facts">
        <Fact name="Process">{one.pid === null ? 'none' : `pid ${one.pid}`}</Fact>
        <Fact name="Uptime">
          <Ago at={one.startedAt} />
        </Fact>
        <Fact name="Restarts">{one.restarts}</Fact>
        <Fact name="CPU">{one.cpuPercent === null ? '–' : formatCpu(one.cpuPercent)}</Fact>
        <Fact name="Memory">{one.memoryBytes === null ? '–' : formatMemory(one.memoryBytes)}</Fact>
        {one.ports !== undefined && one.ports.length > 0 && (
          <Fact name="Listens on">{one.ports.join(', ')}</Fact>
        )}
        {one.code?.commit != null && (
          <Fact name="Commit">
            <code>{one.code.commit.slice(0, 10)}</code>
            {one.code.dirty ? ', with edits' : ''}
          </Fact>
        )}
        {one.says !== undefined && <Fact name="Says">{one.says}</Fact>}
      </dl>
      {one.probes !== undefined && one.probes.length > 0 && (
        <ul class="probes">
          {one.probes.map((probe) => (
            <li key={probe.kind}>
              <Badge tone={PROBE_TONES[probe.state]}>
                {probe.kind} {probe.state}
              </Badge>
              {probe.lastFailure !== null && <p class="muted">{probe.lastFailure}</p>}
            </li>
          ))}
        </ul>
      )}
      {one.lastExit !== null && (
        <p class="exit">
          Last exit <Ago at={one.lastExit.at} /> ago:{' '}
          {one.lastExit.signal ??
            (one.lastExit.code === null ? one.lastExit.reason : `code ${one.lastExit.code}`)}
          {one.lastExit.error !== null && `, ${one.lastExit.error}`}
          {one.lastExit.note !== undefined && ` (${one.lastExit.note})`}
        </p>
      )}
    </article>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
