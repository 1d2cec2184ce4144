import { PM2_WORDS } from './pm2-words.ts';

/** Commands of other tools than PM2 that are called otherwise here, or are not needed: one line for each. */
const WORDS: ReadonlyMap<string, string> = new Map([
  // Terraform
  ...words(['state', 'output', 'refresh'], 'stateward get; with everything: stateward get -o json'),
  ...words(['destroy', 'down'], 'apps are removed by name: stateward delete, or by leaving the file'),
  ...words(['fmt', 'lint', 'check', 'test'], 'stateward validate'),
  ...words(
    ['import'],
    'stateward import --help lists what can be imported; a file of PM2 is also read as it is: stateward plan -f FILE',
  ),
  ...words(['graph', 'tree'], 'what an app waits for: stateward why APP'),
  // Kubernetes, Docker, Compose
  ...words(['up'], 'stateward run in the foreground, as in a container; stateward apply in the background'),
  ...words(['replace', 'patch', 'edit'], 'what runs is declared: change the file, then stateward plan'),
  ...words(['ssh', 'debug', 'enter'], 'a shell in the surroundings of an app: stateward exec APP -- bash'),
  ...words(['tail', 'maintail'], 'stateward logs APP -f'),
  ...words(['wait'], 'stateward rollout status APP -w'),
  ...words(['undo'], 'stateward history APP shows what there is to go back to'),
  ...words(['api-resources', 'man', 'docs'], 'stateward --help, and stateward explain for the file'),
  ...words(['whoami', 'cluster-info'], 'stateward daemon status'),
  // supervisord, systemd
  ...words(['reread', 'daemon-reload', 'avail', 'add'], 'stateward plan shows what a file changes'),
  ...words(['is-active', 'is-enabled', 'is-failed', 'list-units'], 'stateward get'),
  ...words(['journalctl', 'journal'], 'stateward logs, and stateward events for what happened'),
]);

/** Kubernetes' verbs below `rollout` that are verbs of their own here. */
const ROLLOUT: ReadonlyMap<string, string> = new Map([
  ['restart', 'stateward reload APP'],
  ['undo', 'stateward rollback APP'],
  ['history', 'stateward history APP'],
]);

/**
 * What somebody who typed a command of another tool is to do here; undefined when it is none that is known. `words`: what
 * was typed, without flags.
 */
export function foreignHint([word = '', ...rest]: readonly string[]): string | undefined {
  if (word === 'rollout') return ROLLOUT.get(rest[0] ?? '');
  const lead = PM2_WORDS.get(word);
  if (lead !== undefined) return typeof lead === 'string' ? lead : lead(rest);
  return WORDS.get(word);
}

/** Every word that has a hint. */
export function foreignWords(): readonly string[] {
  return [...PM2_WORDS.keys(), ...WORDS.keys()];
}

function words(names: readonly string[], hint: string): readonly (readonly [string, string])[] {
  return names.map((name) => [name, hint]);
}
