import type { App } from '../../api/contract/wire/apps.ts';
import { whereToGoBack } from '../link/plans.ts';
import { operate } from '../link/verbs.ts';
import { slotStates, type SlotState } from '../model/rollout-slots.ts';
import { plainText } from '../model/log-lines.ts';
import { Act, WhyOff } from '../parts/act.tsx';
import { Badge } from '../parts/badges.tsx';
import { Ago } from '../parts/time.tsx';
import { appRoute, follow } from '../shell/navigate.ts';

interface RolloutsProps {
  readonly apps: readonly App[];
  readonly onBack: (app: App, revision: number) => void;
}

const TONES = {
  progressing: 'info',
  paused: 'warn',
  failed: 'bad',
  succeeded: 'good',
  superseded: 'quiet',
} as const;
const SLOT_MARKS: Readonly<Record<SlotState['state'], string>> = {
  updated: '✓',
  starting: '…',
  old: '•',
  failed: '✕',
  empty: ' ',
};

/** Each rollout, slot by slot, with what can be done about it. */
export function Rollouts({ apps, onBack }: RolloutsProps) {
  return (
    <>
      <WhyOff />
      <ul class="rollouts">
        {apps.map((app) => (
          <Rollout key={`${app.project}/${app.name}`} app={app} onBack={onBack} />
        ))}
      </ul>
    </>
  );
}

function Rollout({ app, onBack }: { readonly app: App; readonly onBack: RolloutsProps['onBack'] }) {
  const { rollout } = app.status;
  if (rollout == null) return null;
  const key = `${app.project}/${app.name}`;
  const back = async () => {
    const found = await whereToGoBack(app);
    if (found.ok) onBack(app, found.value.to);
    return found;
  };
  return (
    <li class="card">
      <div class="head">
        <h3>
          <a {...follow(appRoute(app))}>{key}</a>
        </h3>
        <Badge tone={TONES[rollout.state]}>{rollout.state}</Badge>
        <span class="muted figures">
          revision {rollout.revision}, {rollout.updatedInstances}/{rollout.totalInstances} updated
          {rollout.startedAt !== null && (
            <>
              {', begun '}
              <Ago at={rollout.startedAt} /> ago
            </>
          )}
        </span>
        <span class="grow" />
        {rollout.state === 'progressing' && (
          <Act onAct={() => operate('rollout-pause', key)} done="The rollout is paused.">
            Pause
          </Act>
        )}
        {rollout.state === 'paused' && (
          <Act onAct={() => operate('rollout-resume', key)} done="The rollout goes on.">
            Resume
          </Act>
        )}
        {rollout.state !== 'failed' && (
          <Act reads onAct={back}>
            Roll back…
          </Act>
        )}
      </div>
      <ol class="slots" aria-label="Slots">
        {slotStates(app).map(({ slot, state, revision }) => (
          <li
            key={slot}
            class={state}
            title={`slot ${slot}: ${state}${revision === null ? '' : `, revision ${revision}`}`}
          >
            <span aria-hidden="true">{SLOT_MARKS[state]}</span> {slot}
            <span class="unseen"> {state}</span>
          </li>
        ))}
      </ol>
      {rollout.message !== null && <p class="problem">{rollout.message}</p>}
      {app.status.holds.map(({ message }) => (
        <p key={message} class="muted">
          {message}
        </p>
      ))}
      {rollout.logLines !== undefined && rollout.logLines.length > 0 && (
        <pre class="tail">{rollout.logLines.map(({ line }) => plainText(line)).join('\n')}</pre>
      )}
    </li>
  );
}
