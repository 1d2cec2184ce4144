import { go } from './navigate.ts';

/** What a key does on the screen that is shown; keys of screens win over those of all. */
export type Keys = Readonly<Record<string, () => void>>;

const stack: Keys[] = [];
let pending = '';
let forget: ReturnType<typeof setTimeout> | undefined;
/** For the second key of two: `g o`. */
const PAIR_MS = 1_200;

export const SCREEN_KEYS: Keys = {
  'g o': () => go({ screen: 'overview', query: {} }),
  'g c': () => go({ screen: 'changes', query: {} }),
  'g a': () => go({ screen: 'activity', tab: 'events', query: {} }),
};

/** Adds keys until the returned function is called. */
export function withKeys(keys: Keys): () => void {
  stack.push(keys);
  return () => {
    const at = stack.indexOf(keys);
    if (at !== -1) stack.splice(at, 1);
  };
}

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() === 'k') run('Ctrl-K', event);
    return;
  }
  if (event.altKey) return;
  const { target } = event;
  const isTyping =
    target instanceof HTMLInputElement ||
    target instanceof HTMLTextAreaElement ||
    target instanceof HTMLSelectElement;
  if (isTyping && event.key !== 'Escape') return;
  // A key that presses what has the focus is not ours.
  const presses = target instanceof HTMLButtonElement || target instanceof HTMLAnchorElement;
  if (presses && (event.key === 'Enter' || event.key === ' ')) return;
  clearTimeout(forget);
  const pair = `${pending} ${event.key}`;
  if (pending !== '' && run(pair, event)) return void (pending = '');
  pending = '';
  if (run(event.key, event)) return;
  if (event.key === 'g') {
    pending = 'g';
    forget = setTimeout(() => (pending = ''), PAIR_MS);
  }
});

function run(key: string, event: KeyboardEvent): boolean {
  for (const keys of stack.toReversed()) {
    const act = keys[key];
    if (act === undefined) continue;
    event.preventDefault();
    act();
    return true;
  }
  return false;
}
