import type { RoundInfo, RoundList } from '../../api/contract/wire/rounds/rounds.ts';
import { formatDuration } from '../../cli/views/text/quantities.ts';
import { actionText, CAUSE_TEXTS } from '../../cli/views/text/round-words.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import { events } from '../link/feed.ts';
import { plainText } from '../model/log-lines.ts';
import { Badge } from '../parts/badges.tsx';
import { Empty, Failed, Loading } from '../parts/said.tsx';
import { Clock } from '../parts/time.tsx';
import { useAnswer } from '../parts/use-answer.ts';
import { appRoute, follow } from '../shell/navigate.ts';
import { Heads } from '../parts/heads.tsx';

/** What the daemon did of late, app by app: why it looked, what it did, and how long that took. */
export function Rounds() {
  const listed = useAnswer<RoundList>('/v1/rounds?limit=200', events.value.at(-1)?.seq ?? 0);
  if (listed === null) return <Loading />;
  if (!listed.ok) return <Failed failure={listed.error} />;
  const { items } = listed.value;
  if (items.length === 0) {
    return (
      <Empty title="Nothing had to be done">
        <p class="muted">A round is kept when something came of it, and until the daemon is restarted.</p>
      </Empty>
    );
  }
  return (
    <section aria-label="Rounds" class="scroll">
      <table class="audit rounds">
        <Heads names={['When', 'App', 'Because', 'Did', 'Took', 'Result']} figures={['Took']} />
        <tbody>
          {items.map((one) => (
            <Round key={`${one.at} ${one.key}`} one={one} />
          ))}
        </tbody>
      </table>
    </section>
  );
}

function Round({ one }: { readonly one: RoundInfo }) {
  const { key, at, causes, actions, verdict, error, durationMs } = one;
  const isWell = error === null && actions.every((action) => action.error === null);
  return (
    <tr>
      <td class="figures muted">
        <Clock at={at} millis />
      </td>
      <td>
        <a {...follow(appRoute(splitAppKey(key)))}>{key}</a>
      </td>
      <td class="muted">{causes.map((cause) => CAUSE_TEXTS[cause]).join(', ')}</td>
      <td>
        {verdict !== null && <p>{plainText(verdict)}</p>}
        {actions.map((action) => (
          <p key={`${action.kind} ${action.slot}`} class={action.error === null ? '' : 'problem'}>
            {plainText(actionText(action))}
          </p>
        ))}
      </td>
      <td class="figure">{formatDuration(durationMs)}</td>
      <td>
        <Badge tone={isWell ? 'good' : 'bad'}>{isWell ? 'done' : 'failed'}</Badge>
        {error !== null && <p class="problem">{plainText(error)}</p>}
      </td>
    </tr>
  );
}
