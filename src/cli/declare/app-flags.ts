import * as Flags from '@oclif/core/flags';

interface Described {
  readonly description: string;
  readonly helpValue?: string;
  readonly char?: 'n' | 'i' | 'k' | 'c' | 'l' | 'p' | 'x';
  readonly aliases?: string[];
}

const GROUP = { helpGroup: 'APP' } as const;

/** The value as it was typed. */
function text(described: Described) {
  return Flags.string({ ...described, ...GROUP });
}

/** Several values, given one by one or with commas. */
function texts(described: Described & { readonly delimiter?: ',' }) {
  return Flags.string({ ...described, ...GROUP, multiple: true, multipleNonGreedy: true });
}

function yes(described: Described) {
  return Flags.boolean({ ...described, ...GROUP });
}

/** On unless it is turned off. */
function on(described: Described) {
  return Flags.boolean({ ...described, ...GROUP, allowNo: true, default: true });
}

/** A flag of PM2 that has no effect here. Like its key in a file, it is accepted with a warning. */
const inert = {
  'filter-env': Flags.string({ multiple: true, multipleNonGreedy: true, hidden: true }),
  vizion: Flags.boolean({ allowNo: true, default: true, hidden: true }),
  pmx: Flags.boolean({ allowNo: true, default: true, hidden: true }),
  automation: Flags.boolean({ allowNo: true, default: true, hidden: true }),
  trace: Flags.boolean({ hidden: true }),
  'disable-trace': Flags.boolean({ hidden: true }),
  v8: Flags.boolean({ hidden: true }),
  'event-loop-inspector': Flags.boolean({ hidden: true }),
  'deep-monitoring': Flags.boolean({ hidden: true }),
  'source-map-support': Flags.boolean({ hidden: true }),
  'disable-source-map-support': Flags.boolean({ hidden: true }),
};

/**
 * PM2's flags of `start`, under the names that its users know: each is the key of the ecosystem file with dashes. Values
 * are checked like those of a file.
 */
export const appFlags = {
  name: text({ char: 'n', description: 'Name of the app.', helpValue: 'NAME' }),
  namespace: text({ description: 'Group of the app.', helpValue: 'NAME' }),
  instances: text({ char: 'i', description: 'How many: a number, max, 0 or -N.', helpValue: 'N' }),
  'set-env': Flags.string({
    char: 'e',
    multiple: true,
    multipleNonGreedy: true,
    description: 'Variable of the app; repeatable.',
    helpValue: 'KEY=VALUE',
    ...GROUP,
  }),
  'env-file': texts({ description: 'File with variables of the app; repeatable.', helpValue: 'FILE' }),
  'inherit-env': texts({
    delimiter: ',',
    description: 'Variables of this shell that the app gets too.',
    helpValue: 'NAME',
  }),
  interpreter: text({ description: 'Program that runs the script.' }),
  'interpreter-args': text({
    aliases: ['node-args'],
    description: 'Arguments of the interpreter.',
    helpValue: 'ARGS',
  }),
  cwd: text({ description: 'Folder that the script runs in.', helpValue: 'DIR' }),
  'exec-mode': text({ description: 'cluster, or fork.', helpValue: 'MODE' }),
  'execute-command': yes({ char: 'x', description: 'The same as --exec-mode fork.' }),
  uid: text({ description: 'User that it runs as.', helpValue: 'USER' }),
  gid: text({ description: 'Group that it runs as.', helpValue: 'GROUP' }),
  watch: yes({ description: 'Restart when a file changes; --watch=PATH,PATH for some only.' }),
  'watch-paths': Flags.string({ multiple: true, multipleNonGreedy: true, delimiter: ',', hidden: true }),
  'ignore-watch': texts({ delimiter: ',', description: 'What --watch ignores.', helpValue: 'PATH' }),
  'watch-delay': text({
    description: 'Quiet time before it restarts; a plain number is seconds, as PM2 has it.',
    helpValue: 'DURATION',
  }),
  'max-memory-restart': text({ description: 'Restart over this much memory.', helpValue: 'SIZE' }),
  'max-restarts': text({ description: 'Give up after this many unstable starts.', helpValue: 'N' }),
  'min-uptime': text({ description: 'A start that ends sooner is unstable.', helpValue: 'DURATION' }),
  'restart-delay': text({ description: 'Pause before a restart.', helpValue: 'DURATION' }),
  'exp-backoff-restart-delay': text({
    description: 'First pause before a restart; it grows with each.',
    helpValue: 'DURATION',
  }),
  'stop-exit-codes': texts({
    delimiter: ',',
    description: 'Exit codes after which it is not restarted.',
    helpValue: 'CODE',
  }),
  'wait-ready': yes({ description: "Ready when it says so with process.send('ready')." }),
  'listen-timeout': text({
    description: 'Time to become ready; then it has failed.',
    helpValue: 'DURATION',
  }),
  'kill-timeout': text({ char: 'k', description: 'Grace before SIGKILL.', helpValue: 'DURATION' }),
  'shutdown-with-message': yes({ description: "Ask it to stop with the message 'shutdown'." }),
  treekill: on({ description: 'Signal the whole process group.' }),
  'cron-restart': text({
    char: 'c',
    aliases: ['cron'],
    description: 'Restart on this cron schedule.',
    helpValue: 'CRON',
  }),
  autorestart: on({ description: 'Start again after an exit.' }),
  autostart: on({ description: 'Start now; else only declare it.' }),
  'out-file': text({ description: 'Log file of standard output (-o FILE).', helpValue: 'FILE' }),
  'error-file': text({
    aliases: ['error'],
    description: 'Log file of standard error (-e FILE).',
    helpValue: 'FILE',
  }),
  'log-file': text({
    char: 'l',
    aliases: ['log'],
    description: 'One log file for both streams.',
    helpValue: 'FILE',
  }),
  'merge-logs': yes({ description: 'One log file for all instances.' }),
  'disable-logs': yes({ description: 'Keep no logs.' }),
  'log-type': text({ description: 'json: one object a line.', helpValue: 'TYPE' }),
  'log-date-format': text({
    description: 'Prefix log lines with the time in this format.',
    helpValue: 'FORMAT',
  }),
  time: yes({ description: 'Prefix log lines with the time.' }),
  'pid-file': Flags.string({ char: 'p', aliases: ['pid'], hidden: true }),
  ...inert,
};

export type AppFlag = keyof typeof appFlags;

/** Which of `appFlags` were given, by flag. */
export type AppFlagValues = Readonly<
  Partial<Record<AppFlag, string | boolean | readonly string[] | undefined>>
>;

/** Flags that are on by themselves, and say something when they are turned off. */
const ON_BY_DEFAULT: readonly AppFlag[] = [
  'autorestart',
  'autostart',
  'treekill',
  'vizion',
  'pmx',
  'automation',
];

/** Names of the app flags that differ from their default. */
export function givenAppFlags(flags: AppFlagValues): readonly AppFlag[] {
  const names = Object.keys(appFlags) as AppFlag[];
  return names.filter((name) =>
    ON_BY_DEFAULT.includes(name) ? flags[name] === false : flags[name] !== undefined && flags[name] !== false,
  );
}
