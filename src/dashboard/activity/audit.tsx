import type { AuditList, AuditVerdictInfo } from '../../api/contract/wire/guards/audit.ts';
import { events } from '../link/feed.ts';
import { plainText } from '../model/log-lines.ts';
import { Badge } from '../parts/badges.tsx';
import { Empty, Failed, Loading } from '../parts/said.tsx';
import { Clock } from '../parts/time.tsx';
import { useAnswer } from '../parts/use-answer.ts';
import { Heads } from '../parts/heads.tsx';

const SHOWN = 200;

/** Who had what done, from the log whose entries are chained by their hashes, and whether the chain is whole. */
export function Audit() {
  const mark = events.value.at(-1)?.seq ?? 0;
  const listed = useAnswer<AuditList>(`/v1/audit?limit=${SHOWN}`, mark);
  const verdict = useAnswer<AuditVerdictInfo>('/v1/audit/verdict', mark);
  if (listed === null) return <Loading />;
  if (!listed.ok) return <Failed failure={listed.error} />;
  const items = listed.value.items.toReversed();
  return (
    <section aria-label="Audit">
      {verdict?.ok === true && (
        <p>
          <Badge tone={verdict.value.whole ? 'good' : 'bad'}>
            {verdict.value.whole ? 'the chain is whole' : 'the chain is broken'}
          </Badge>{' '}
          <span class="muted figures">
            {verdict.value.entries} entries, head <code>{verdict.value.head.hash.slice(0, 12)}</code>
          </span>
        </p>
      )}
      {verdict?.ok === true &&
        verdict.value.problems.map((line) => (
          <p key={line} class="problem">
            {line}
          </p>
        ))}
      {items.length === 0 ? (
        <Empty title="Nobody has changed anything yet" />
      ) : (
        <div class="scroll">
          <table class="audit">
            <Heads names={['#', 'When', 'Who', 'What', 'About']} figures={['#']} />
            <tbody>
              {items.map((one) => (
                <tr key={one.seq}>
                  <td class="figure muted">{one.seq}</td>
                  <td class="figures">
                    <Clock at={one.at} />
                  </td>
                  <td>{text(one['by'])}</td>
                  <td>
                    <code>{text(one['command'] ?? one['why'] ?? one.kind)}</code>
                  </td>
                  <td class="muted">{aboutOf(one)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

function aboutOf(entry: Readonly<Record<string, unknown>>): string {
  const { project, revision, about, apps } = entry;
  if (typeof project === 'string') return plainText(`${project}, revision ${String(revision)}`);
  if (typeof about === 'string') return plainText(about);
  const names = Array.isArray(apps) ? apps.map((one: { app?: unknown }) => text(one.app)) : [];
  return names.join(', ');
}

function text(value: unknown): string {
  return typeof value === 'string' ? plainText(value) : '';
}
