import { useState } from 'preact/hooks';
import { apps } from '../link/feed.ts';
import { session } from '../link/session.ts';
import { best } from '../model/fuzzy.ts';
import { told } from '../parts/act.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { operate, VERBS } from '../link/verbs.ts';
import { appRoute, go, route } from './navigate.ts';
import { nextTheme } from './theme.ts';

interface Command {
  readonly name: string;
  readonly kind: string;
  run(): void;
}

const SHOWN = 12;

/** Everything that can be gone to or done, found by a few letters. */
export function Palette({ onClose, onHelp }: { readonly onClose: () => void; readonly onHelp: () => void }) {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const found = best(typed, commands(onHelp), ({ name }) => name).slice(0, SHOWN);
  const chosen = Math.min(at, found.length - 1);
  const run = (command: Command | undefined): void => {
    if (command === undefined) return;
    onClose();
    command.run();
  };
  return (
    <Dialog title="Go to" bare onClose={onClose}>
      <input
        type="text"
        role="combobox"
        aria-label="Go to an app, a screen, or do something"
        aria-expanded="true"
        aria-controls="found"
        aria-activedescendant={found.length === 0 ? undefined : `found-${chosen}`}
        placeholder="App, screen or action"
        autofocus
        value={typed}
        onInput={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(chosen + 1, found.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(chosen - 1, 0));
          else if (event.key === 'Enter') run(found[chosen]);
          else return;
          event.preventDefault();
        }}
      />
      <ul id="found" role="listbox" aria-label="Found">
        {found.map((command, index) => (
          <li
            key={`${command.kind} ${command.name}`}
            id={`found-${index}`}
            role="option"
            aria-selected={index === chosen}
            onMouseMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            <span>{command.name}</span>
            <span class="muted">{command.kind}</span>
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="muted">Nothing is called so.</p>}
    </Dialog>
  );
}

function commands(onHelp: () => void): readonly Command[] {
  const all = [...(apps.value?.values() ?? [])];
  const here = route.value.screen === 'app' ? route.value : null;
  const places: Command[] = [
    { name: 'Overview', kind: 'screen', run: () => go({ screen: 'overview', query: {} }) },
    { name: 'Changes', kind: 'screen', run: () => go({ screen: 'changes', query: {} }) },
    { name: 'Activity', kind: 'screen', run: () => go({ screen: 'activity', tab: 'events', query: {} }) },
    { name: 'Audit log', kind: 'screen', run: () => go({ screen: 'activity', tab: 'audit', query: {} }) },
    { name: 'Switch theme', kind: 'action', run: nextTheme },
    { name: 'Keys', kind: 'action', run: onHelp },
  ];
  const acts: Command[] =
    here === null || session.value?.access !== 'write'
      ? []
      : VERBS.map((verb) => ({
          name: `${verb.name} ${here.name}`,
          kind: 'action',
          run: () =>
            void operate(verb.verb, `${here.project}/${here.name}`).then((answer) => {
              told.value = answer.ok ? { text: verb.done } : { failure: answer.error };
            }),
        }));
  const ofApps = all.map((app): Command => ({
    name: `${app.project}/${app.name}`,
    kind: 'app',
    run: () => go(appRoute(app)),
  }));
  return [...acts, ...places, ...ofApps];
}
