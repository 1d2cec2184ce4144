import type { App, AppList } from '../../api/contract/wire/apps.ts';
import type { SettingOrigin } from '../../api/contract/wire/surroundings/recorded.ts';
import type { AppEnvironment } from '../../api/contract/wire/surroundings/environment.ts';
import { count } from '../../cli/views/text/quantities.ts';
import { formatValue } from '../../spec/format-value.ts';
import { Failed, Loading } from '../parts/said.tsx';
import { useAnswer } from '../parts/use-answer.ts';
import { Heads } from '../parts/heads.tsx';

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
  // `port` of a file is the first of `ports`.
  const originOf = (field: string) =>
    full?.origins?.[field === 'ports' ? 'port' : field] ?? full?.origins?.[field];
  // Where nobody has recorded what files say, all is shown alike.
  const isDefault = ([field]: Field): boolean => full?.origins !== undefined && originOf(field) === undefined;
  const declared = fields.filter((one) => !isDefault(one));
  const defaults = fields.filter(isDefault);
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
        <Fields fields={declared} originOf={originOf} />
        <details>
          <summary class="muted">{count(defaults.length, 'setting')} that no file says</summary>
          <Fields fields={defaults} originOf={originOf} />
        </details>
      </div>
      {environment !== null && !environment.ok && <Failed failure={environment.error} />}
      {environment?.ok === true && (
        <Variables environment={environment.value} origins={full?.origins ?? {}} />
      )}
    </section>
  );
}

type Field = readonly [name: string, value: unknown];

interface FieldsProps {
  readonly fields: readonly Field[];
  readonly originOf: (field: string) => SettingOrigin | undefined;
}

function Fields({ fields, originOf }: FieldsProps) {
  return (
    <table class="pairs">
      <Heads names={['Setting', 'Value', 'From']} />
      <tbody>
        {fields.map(([field, value]) => (
          <tr key={field}>
            <th scope="row">{field}</th>
            <td>
              <code>{typeof value === 'string' ? value : formatValue(field, value)}</code>
            </td>
            <td class="muted">
              <Origin of={originOf(field)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface VariablesProps {
  readonly environment: AppEnvironment;
  readonly origins: NonNullable<App['origins']>;
}

function Variables({ environment, origins }: VariablesProps) {
  return (
    <div class="card">
      <h2>Variables</h2>
      <table class="pairs">
        <Heads names={['Name', 'Value', 'From']} />
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
                <td class="muted">
                  {givers[0] === 'declared' && origins[`env.${name}`] !== undefined ? (
                    <Origin of={origins[`env.${name}`]} />
                  ) : (
                    givers.join(', ')
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

/** `ecosystem.yaml:12`; the whole path when somebody points at it. What no file says is a default. */
function Origin({ of }: { readonly of: SettingOrigin | undefined }) {
  if (of === undefined) return <>default</>;
  const name = of.file === '-' ? 'standard input' : of.file.slice(of.file.lastIndexOf('/') + 1);
  return (
    <code class="origin" title={of.file}>
      {name}
      {of.line !== null && `:${of.line}`}
    </code>
  );
}

function isSet(value: unknown): boolean {
  if (value === null || value === undefined) return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
