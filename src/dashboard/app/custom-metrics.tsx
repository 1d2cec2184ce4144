import type { App } from '../../api/contract/wire/apps.ts';
import { plainText } from '../model/log-lines.ts';
import { Heads } from '../parts/heads.tsx';

/** Whether its processes report or offer something by their messages. */
export function saysAnything({ status }: App): boolean {
  return status.instances.some(({ metrics = [], actions = [] }) => metrics.length + actions.length > 0);
}

/** What the processes of an app report themselves, as it is now: a line a metric, a column an instance. */
export function CustomMetrics({ app }: { readonly app: App }) {
  const reporting = app.status.instances.filter(({ metrics = [] }) => metrics.length > 0);
  const names = [...new Set(reporting.flatMap(({ metrics = [] }) => metrics.map(({ name }) => name)))];
  if (names.length === 0) return null;
  const slots = reporting.map(({ slot }) => `Instance ${slot}`);
  return (
    <div class="card">
      <h2>What the app reports</h2>
      <div class="scroll">
        <table>
          <Heads names={['Metric', ...slots]} figures={slots} />
          <tbody>
            {names.map((name) => (
              <tr key={name}>
                <th scope="row">{plainText(name)}</th>
                {reporting.map(({ slot, metrics = [] }) => {
                  const { value, unit } = metrics.find((one) => one.name === name) ?? {};
                  return (
                    <td key={slot} class="figure">
                      {value === undefined ? '–' : shown(value)} {unit !== undefined && plainText(unit)}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function shown(value: number | string | boolean): string {
  if (typeof value !== 'number') return plainText(String(value));
  return value.toLocaleString('en', { maximumFractionDigits: 3 });
}
