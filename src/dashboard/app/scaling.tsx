import { useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import { appKey } from '../../lib/app-key.ts';
import { scale } from '../link/verbs.ts';
import { scaleText } from '../model/scale-text.ts';
import { Act, told, WhyOff } from '../parts/act.tsx';
import { Dialog } from '../parts/dialog.tsx';

const HOUR_MS = 3_600_000;
const ENDS: readonly (readonly [name: string, ms: number | null])[] = [
  ['until the next apply', null],
  ['for an hour', HOUR_MS],
  ['for 8 hours', 8 * HOUR_MS],
];

/** Asks how many instances of an app there are to be, and says what that does before it is done. */
export function Scaling({ app, onClose }: { readonly app: App; readonly onClose: () => void }) {
  const { desiredInstances: now } = app.status;
  const [wanted, setWanted] = useState(String(now));
  const [end, setEnd] = useState(0);
  const key = appKey(app.project, app.name);
  const to = /^\d+$/.test(wanted.trim()) ? Number(wanted) : null;
  const change = async () => {
    const answer = await scale(key, to ?? now, ENDS[end]?.[1] ?? null);
    if (answer.ok) {
      told.value = { text: answer.value.results.map(({ message }) => message).join('; ') };
      onClose();
    }
    return answer;
  };
  const off = to === null ? 'Say how many: a whole number' : to === now ? 'So many are wanted already' : null;
  return (
    <Dialog title={`Scale ${key}`} onClose={onClose}>
      <div class="form">
        <label>
          Instances
          <input
            type="number"
            min="0"
            value={wanted}
            onInput={({ currentTarget }) => setWanted(currentTarget.value)}
          />
        </label>
        <label>
          How long
          <select value={end} onChange={({ currentTarget }) => setEnd(Number(currentTarget.value))}>
            {ENDS.map(([name], index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <p role="status">{off ?? scaleText(app, to ?? now)}</p>
      </div>
      <footer>
        <WhyOff />
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <Act tone="primary" onAct={change} off={off}>
          Scale{to !== null && to !== now && ` to ${to}`}
        </Act>
      </footer>
    </Dialog>
  );
}
