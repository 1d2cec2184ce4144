import { logrotateHint } from './logrotate-settings.ts';

/** What to do in place of a word of PM2; `rest` is what was typed behind it. */
export type Lead = string | ((rest: readonly string[]) => string);

const NO_MODULES =
  'there are no modules here: what they add is built in or an app of its own (stateward --help)';
const NO_SERVICE =
  'there is no service behind it, and nothing is sent anywhere: stateward get -w shows this host';
const KEEPS = 'what was applied is kept, and comes back with the daemon';

/** Modules that people install, and what does their work here. */
const MODULES: ReadonlyMap<string, string> = new Map([
  ['pm2-logrotate', logrotateHint(undefined, undefined)],
  ['pm2-server-monit', 'the host is looked at by stateward doctor, and processes by stateward top'],
  [
    'pm2-auto-pull',
    'git pull && stateward apply rolls the apps whose code has changed, and may stand in a schedule',
  ],
  ['typescript', 'what runs a file is declared: interpreter: node, interpreter_args: --import tsx'],
  ['coffee-script', 'what runs a file is declared: interpreter: coffee'],
]);

/** The words of PM2's command line that are no commands here. */
export const PM2_WORDS: ReadonlyMap<string, Lead> = new Map([
  ...words(
    ['inspect'],
    'stateward describe APP; the inspector of a Node app is opened by kill -USR1 $(stateward pid APP)',
  ),
  ...words(['slist', 'sysinfos'], 'stateward get -o json, and stateward doctor for the host'),
  // `dash` is kept for a dashboard in the browser.
  ...words(['dashboard', 'dash', 'htop'], 'stateward monit'),
  ...words(['runtime', 'pm2-runtime', 'docker', 'foreground'], 'stateward run FILE, in the foreground'),
  ...words(['container', 'dockerfile'], 'no Dockerfile is written; in a container: stateward run FILE'),
  ...words(['shutdown'], 'stateward daemon stop --all'),
  ...words(['deepUpdate'], 'npm i -g stateward@latest && stateward daemon upgrade; no app is touched'),
  ...words(
    ['backward', 'forward'],
    'stateward rollback APP; what there is to go back to: stateward history APP',
  ),
  ...words(['sendLineToStdin'], 'echo LINE | stateward attach APP'),
  ...words(['cleardump', 'autodump'], `nothing to do: ${KEEPS}; stateward delete APP forgets an app`),
  ...words(
    ['install-service', 'enable', 'disable'],
    'stateward startup has the host start the daemon, and the daemon the apps',
  ),
  ...words(['set', 'multiset'], settingHint),
  ...words(['unset', 'conf', 'config'], settingHint),
  ...words(['logrotate'], logrotateHint(undefined, undefined)),
  ...words(['static'], 'stateward serve DIR PORT; in a file: stateward explain serve'),
  ...words(
    ['create', 'generate'],
    'stateward init writes a first file; what it can say: stateward explain apps',
  ),
  ...words(['pull'], 'git pull && stateward reload ecosystem.config.js'),
  ...words(['examples'], 'what a file can say: stateward help ecosystem-file, or stateward explain apps'),
  ...words(['install', 'module:install'], ([name = '']) => MODULES.get(name) ?? NO_MODULES),
  ...words(['uninstall', 'module:uninstall', 'module:update'], () => NO_MODULES),
  ...words(['module:generate', 'module:package', 'module:publish', 'package', 'publish'], NO_MODULES),
  ...words(['module', 'autoinstall'], NO_MODULES),
  ...words(
    ['install-otel', 'uninstall-otel'],
    'an app is traced by its own packages: interpreter_args: --import @opentelemetry/auto-instrumentations-node/register',
  ),
  ...words(['link', 'unlink', 'plus', 'open', 'login', 'logout', 'register'], NO_SERVICE),
  ...words(['monitor', 'unmonitor', 'interact'], NO_SERVICE),
  ...words(['web'], 'no port is opened: programs read stateward get -o json, and people stateward get -w'),
  ...words(['profile:cpu', 'profile'], 'Node writes one itself: interpreter_args: --cpu-prof on the app'),
  ...words(
    ['profile:mem', 'heapdump'],
    'Node writes one itself: interpreter_args: --heapsnapshot-signal=SIGUSR2 on the app, then kill -USR2 $(stateward pid APP)',
  ),
  ...words(['autocomplete'], 'stateward completion install'),
]);

/** `set KEY VALUE`, `unset KEY`, `conf KEY`, and `get KEY`. */
export function settingHint([key = '', value]: readonly string[]): string {
  const [, module = '', setting] = /^([\w-]+)[:.]([\w-]+)$/.exec(key) ?? [];
  if (module === 'pm2-logrotate') return logrotateHint(setting, value);
  if (module === 'pm2' && /dump$/i.test(setting ?? '')) return `nothing to set: ${KEEPS}`;
  return 'settings are keys of the ecosystem file: stateward explain apps lists them';
}

/** Whether a word is a setting of PM2 or of one of its modules: `pm2:autodump`, `pm2-logrotate:max_size`. */
export function isPm2Setting(word: string): boolean {
  return /^(pm2|pm2-[\w-]+|module-db[\w-]*)[:.][a-z][\w-]*$/i.test(word);
}

function words(names: readonly string[], lead: Lead): readonly (readonly [string, Lead])[] {
  return names.map((name) => [name, lead]);
}
