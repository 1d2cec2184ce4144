import { formatAge } from '../../cli/views/text/quantities.ts';
import { now } from '../link/feed.ts';

/** How long ago; the whole time when somebody points at it. */
export function Ago({ at }: { readonly at: string | null }) {
  if (at === null) return <span class="muted">–</span>;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {formatAge(now.value - Date.parse(at))}
    </time>
  );
}

/** `in 4m`; what is due is `now`. */
export function In({ at }: { readonly at: string }) {
  const left = Date.parse(at) - now.value;
  return (
    <time dateTime={at} title={new Date(at).toLocaleString()}>
      {left <= 0 ? 'now' : `in ${formatAge(left)}`}
    </time>
  );
}

/** `14:03:07`, with the day before it unless it is today. */
export function Clock({ at, millis = false }: { readonly at: string; readonly millis?: boolean }) {
  return (
    <time dateTime={at} title={at}>
      {clockText(at, millis)}
    </time>
  );
}

export function clockText(at: string, millis = false): string {
  const date = new Date(at);
  const time =
    date.toTimeString().slice(0, 8) + (millis ? `.${String(date.getMilliseconds()).padStart(3, '0')}` : '');
  const isToday = date.toDateString() === new Date(now.value).toDateString();
  if (isToday) return time;
  const day = `${String(date.getMonth() + 1).padStart(2, '0')}-${String(date.getDate()).padStart(2, '0')}`;
  return `${day} ${time}`;
}
