import type { App, AppList } from '../../api/contract/wire/apps.ts';
import type { AppEnvironment } from '../../api/contract/wire/surroundings/environment.ts';
import { Failed, Loading } from '../parts/said.tsx';
import { useAnswer } from '../parts/use-answer.ts';

/** What is declared, without its secrets, and where it stands. */
export function Config({ app }: { readonly app: App }) {
  const name = `${encodeURIComponent(app.project)}/${encodeURIComponent(app.name)}`;
  const { generation } = app.status;
  const selector = encodeURIComponent(`${app.project}/${app.name}`);
  const listed = useAnswer<AppList>(`/v1/apps?selector=${selector}&spec=redacted&detail=full`, generation);
  const environment = useAnswer<AppEnvironment>(`/v1/apps/${name}/environment`, generation);
  if (listed === null) return <Loading />;
  if (!listed.ok) return <Failed failure={listed.error} />;
  const [full] = listed.value.items;
  const source = environment?.ok === true ? environment.value.source : null;
  const fields = Object.entries(full?.spec ?? {}).filter(([field, value]) => field !== 'env' && isSet(value));
  return (
    <section class="config" aria-label="Config">
      {source !== null && (
        <dl class="facts card">
          <div>
            <dt>Declared in</dt>
            <dd>{source.files.length === 0 ? 'no file: it was started by hand' : source.files.join(', ')}</dd>
          </div>
          {source.env !== null && (
            <div>
              <dt>Environment</dt>
              <dd>{source.env}</dd>
            </div>
          )}
          {full?.source !== undefined && (
            <div>
              <dt>Source</dt>
              <dd>
                {full.source.name}{' '}
                {full.source.commit !== null && <code>{full.source.commit.slice(0, 10)}</code>}
              </dd>
            </div>
          )}
          <div>
            <dt>Logs</dt>
            <dd>{[full?.logs.out, full?.logs.error].filter((path) => path != null).join(', ') || 'none'}</dd>
          </div>
        </dl>
      )}
      <div class="card">
        <h2>Settings</h2>
        <table class="pairs">
          <tbody>
            {fields.map(([field, value]) => (
              <tr key={field}>
                <th scope="row">{field}</th>
                <td>
                  <code>{typeof value === 'string' ? value : JSON.stringify(value)}</code>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {environment !== null && !environment.ok && <Failed failure={environment.error} />}
      {environment?.ok === true && <Variables environment={environment.value} />}
    </section>
  );
}

function Variables({ environment }: { readonly environment: AppEnvironment }) {
  return (
    <div class="card">
      <h2>Variables</h2>
      <table class="pairs">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">Value</th>
            <th scope="col">From</th>
          </tr>
        </thead>
        <tbody>
          {environment.variables.map(({ name, value, givers, processes, problem, reads }) => {
            const others = processes.filter(
              ({ state }) => !['same', 'as-started', 'unknown'].includes(state),
            );
            return (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>
                  <code>{value ?? reads ?? '–'}</code>
                  {problem !== undefined && <p class="problem">{problem}</p>}
                  {others.map(({ slot, state }) => (
                    <p key={slot} class="muted">
                      instance {slot}: {state}
                    </p>
                  ))}
                </td>
                <td class="muted">{givers.join(', ')}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

function isSet(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
