import { Dialog } from '../parts/dialog.tsx';

const KEYS: readonly (readonly [string, string])[] = [
  ['Ctrl K', 'Go to an app, a screen, or do something'],
  ['g o', 'Overview'],
  ['g c', 'Changes'],
  ['g a', 'Activity'],
  ['/', 'Filter what is shown'],
  ['j  k', 'Next and previous row'],
  ['Enter', 'Open the row'],
  ['x', 'Show its instances'],
  ['1 … 5', 'Parts of an app: logs, metrics, instances, config, revisions'],
  ['f', 'Follow a log, or stop following'],
  ['Esc', 'Close; out of a field'],
  ['?', 'This list'],
];

export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl class="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              {key
                .split(' ')
                .filter(Boolean)
                .map((one) => (
                  <kbd key={one}>{one}</kbd>
                ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}
