/** Commands that other tools have and that are called otherwise here, or are not needed: one line for each. */
const WORDS: ReadonlyMap<string, string> = new Map([
  // PM2
  ...words(['inspect'], 'stateward describe APP'),
  ...words(['slist', 'sysinfos'], 'stateward get -o json'),
  ...words(['monit', 'dashboard', 'dash', 'imonit', 'htop'], 'stateward get -w'),
  ...words(['runtime', 'pm2-runtime', 'docker', 'foreground'], 'stateward run FILE, in the foreground'),
  ...words(['shutdown'], 'stateward daemon stop --all'),
  ...words(['deepUpdate'], 'stateward daemon upgrade; no app is touched'),
  ...words(['report'], 'stateward doctor'),
  ...words(
    ['backward', 'forward'],
    'stateward rollback APP; what there is to go back to: stateward history APP',
  ),
  ...words(['trigger', 'attach', 'sendLineToStdin'], 'stateward send APP MESSAGE'),
  ...words(
    ['cleardump', 'autodump'],
    'nothing to do: what was applied is kept, and comes back with the daemon',
  ),
  ...words(
    ['install-service', 'enable', 'disable'],
    'stateward startup has the host start the daemon, and the daemon the apps',
  ),
  ...words(
    ['set', 'unset', 'multiset', 'conf', 'config'],
    'settings are keys of the ecosystem file: stateward explain lists them',
  ),
  ...words(['flush', 'reloadLogs', 'logrotate'], 'logs rotate by themselves: stateward explain log_rotate'),
  ...words(['serve', 'expose', 'static'], 'no file server is built in: declare one as an app'),
  ...words(
    ['ecosystem', 'init', 'create', 'generate', 'examples'],
    'what a file can say: stateward explain apps',
  ),
  ...words(['deploy', 'pull'], 'git pull && stateward reload ecosystem.config.js'),
  ...words(
    ['install', 'uninstall', 'module', 'link', 'unlink', 'plus', 'login', 'register', 'monitor', 'unmonitor'],
    'there are no modules and no service behind it: stateward --help lists what there is',
  ),
  ...words(['profile', 'profile:cpu', 'profile:mem'], 'node --cpu-prof as interpreter_args of the app'),
  ...words(['completion', 'autocomplete'], 'there is none: stateward --help lists the commands'),
  // Terraform
  ...words(['state', 'output', 'refresh'], 'stateward get; with everything: stateward get -o json'),
  ...words(['destroy', 'down'], 'apps are removed by name: stateward delete, or by leaving the file'),
  ...words(['fmt', 'lint', 'check', 'test'], 'stateward validate'),
  ...words(['import'], 'a file of PM2 is read as it is: stateward plan -f ecosystem.config.js'),
  ...words(['graph', 'tree'], 'what an app waits for: stateward why APP'),
  // Kubernetes, Docker, Compose
  ...words(['up'], 'stateward run in the foreground, as in a container; stateward apply in the background'),
  ...words(['replace', 'patch', 'edit'], 'what runs is declared: change the file, then stateward plan'),
  ...words(
    ['exec', 'ssh', 'debug'],
    'processes are those of this host: stateward get -o wide shows their pids',
  ),
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

/** What somebody who typed a command of another tool is to do here; undefined when it is none that is known. */
export function foreignHint(word: string, second: string): string | undefined {
  return word === 'rollout' ? ROLLOUT.get(second) : WORDS.get(word);
}

function words(names: readonly string[], hint: string): readonly (readonly [string, string])[] {
  return names.map((name) => [name, hint]);
}
