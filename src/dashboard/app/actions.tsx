import { useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import type { ActionResponse, ActionResult, CustomAction } from '../../api/contract/wire/custom/custom.ts';
import { count } from '../../cli/views/text/quantities.ts';
import { err, ok } from '../../lib/result.ts';
import type { Answered } from '../link/api.ts';
import { runAction } from '../link/verbs.ts';
import { plainText } from '../model/log-lines.ts';
import { Act, WhyOff } from '../parts/act.tsx';
import { Badge } from '../parts/badges.tsx';
import { Dialog } from '../parts/dialog.tsx';

/** What an app can be asked to do, as it says itself. */
export function Actions({ app }: { readonly app: App }) {
  const [asked, setAsked] = useState<CustomAction | null>(null);
  const offered = new Map<string, CustomAction>();
  for (const { actions = [] } of app.status.instances) for (const one of actions) offered.set(one.name, one);
  if (offered.size === 0) return null;
  return (
    <div class="card">
      <h2>Actions</h2>
      <ul class="actions">
        {[...offered.values()].map((one) => (
          <li key={one.name}>
            <button type="button" onClick={() => setAsked(one)}>
              {plainText(one.name)}…
            </button>
            {one.description !== undefined && <span class="muted">{plainText(one.description)}</span>}
          </li>
        ))}
      </ul>
      {asked !== null && <Asking app={app} action={asked} onClose={() => setAsked(null)} />}
    </div>
  );
}

interface AskingProps {
  readonly app: App;
  readonly action: CustomAction;
  readonly onClose: () => void;
}

/** Asks before it is carried out, with what it is given, and shows what each process has replied. */
function Asking({ app, action, onClose }: AskingProps) {
  const [text, setText] = useState('');
  const [isJson, setJson] = useState(false);
  const [results, setResults] = useState<readonly ActionResult[] | null>(null);
  const key = `${app.project}/${app.name}`;
  const offering = app.status.instances.filter(({ actions = [] }) =>
    actions.some(({ name }) => name === action.name),
  );
  const run = async (): Promise<Answered<ActionResponse>> => {
    const parameter = parameterOf(text, isJson);
    if (!parameter.ok) return parameter;
    const answer = await runAction(key, action.name, parameter.value);
    if (answer.ok) setResults(answer.value.results);
    return answer;
  };
  return (
    <Dialog title={`${plainText(action.name)} on ${key}`} onClose={onClose}>
      <div class="form">
        {action.description !== undefined && <p>{plainText(action.description)}</p>}
        {action.parameter !== false && (
          <>
            <label>
              Parameter{action.parameter === undefined && ', where it takes one'}
              <input type="text" value={text} onInput={({ currentTarget }) => setText(currentTarget.value)} />
            </label>
            <label class="check">
              <input
                type="checkbox"
                checked={isJson}
                onChange={({ currentTarget }) => setJson(currentTarget.checked)}
              />
              It is JSON, and not text
            </label>
          </>
        )}
        {results !== null && (
          <ul class="replies" role="status">
            {results.map(({ slot, state, reply, message }) => (
              <li key={slot}>
                <Badge tone={state === 'replied' ? 'good' : 'bad'}>
                  instance {slot}: {state}
                </Badge>
                {message !== null && <p class="problem">{plainText(message)}</p>}
                {reply !== undefined && (
                  <pre>{lines(typeof reply === 'string' ? reply : JSON.stringify(reply, null, 2))}</pre>
                )}
              </li>
            ))}
          </ul>
        )}
      </div>
      <footer>
        <WhyOff />
        <button type="button" onClick={onClose}>
          Close
        </button>
        <Act tone="primary" onAct={run}>
          {results === null ? 'Run' : 'Run again'} in {count(offering.length, 'process', 'processes')}
        </Act>
      </footer>
    </Dialog>
  );
}

/** undefined: none is given. */
function parameterOf(text: string, isJson: boolean): Answered<unknown> {
  if (text === '') return ok(undefined);
  if (!isJson) return ok(text);
  try {
    return ok(JSON.parse(text) as unknown);
  } catch {
    return err({
      code: 'BAD_REQUEST',
      message: 'the parameter is not JSON',
      hint: 'without the mark it is given as text',
    });
  }
}

function lines(text: string): string {
  return text.split('\n').map(plainText).join('\n');
}
