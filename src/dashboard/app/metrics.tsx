import type { App } from '../../api/contract/wire/apps.ts';
import { formatCpu, formatMemory } from '../../cli/views/text/quantities.ts';
import { appKey } from '../../lib/app-key.ts';
import { usage } from '../link/feed.ts';
import { Chart } from '../parts/chart.tsx';
import { Empty } from '../parts/said.tsx';
import { Actions } from './actions.tsx';
import { CustomMetrics, saysAnything } from './custom-metrics.tsx';
import { Heads } from '../parts/heads.tsx';

/** What an app uses: the two minutes that the daemon keeps, and what this page has seen since. */
export function Metrics({ app }: { readonly app: App }) {
  const series = usage.value.get(appKey(app.project, app.name));
  const isMeasured = series !== undefined && series.at.length > 0;
  if (!isMeasured && !saysAnything(app)) {
    return (
      <Empty title="Nothing was measured yet">
        <p class="muted">Processes are sampled every two seconds while they run.</p>
      </Empty>
    );
  }
  const figures = app.status.instances.flatMap(({ slot, figures: of }) =>
    of === undefined ? [] : [{ slot, ...of }],
  );
  return (
    <section class="charts" aria-label="Metrics">
      {isMeasured && (
        <>
          <Chart
            title="CPU, of one processor"
            at={series.at}
            values={series.cpu}
            format={formatCpu}
            tone={1}
          />
          <Chart title="Memory" at={series.at} values={series.memory} format={formatMemory} tone={2} />
        </>
      )}
      {figures.length > 0 && (
        <div class="card">
          <h2>What the agents measure</h2>
          <table>
            <Heads
              names={['Instance', 'Requests', 'A minute', 'Event loop lag', 'At most']}
              figures={['Requests', 'A minute', 'Event loop lag', 'At most']}
            />
            <tbody>
              {figures.map((one) => (
                <tr key={one.slot}>
                  <td>{one.slot}</td>
                  <td class="figure">{one.requests.toLocaleString('en')}</td>
                  <td class="figure">{rounded(one.requestsPerMinute)}</td>
                  <td class="figure">{milliseconds(one.eventLoopLagMs)}</td>
                  <td class="figure">{milliseconds(one.eventLoopLagMaxMs)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      <CustomMetrics app={app} />
      <Actions app={app} />
      <p class="muted">
        The daemon keeps two minutes; this page adds what it sees, up to a quarter of an hour. GET /metrics is
        there for whoever keeps more.
      </p>
    </section>
  );
}

function rounded(value: number | null): string {
  return value === null ? '–' : Math.round(value).toLocaleString('en');
}

function milliseconds(value: number | null): string {
  return value === null ? '–' : `${value.toFixed(1)} ms`;
}
