/** What a setting is here; `value` as it was typed, if it was. */
type Mapping = (value: string | undefined) => string;

/** The settings of pm2-logrotate. */
const SETTINGS: ReadonlyMap<string, Mapping> = new Map<string, Mapping>([
  ['max_size', (value) => `log_rotate: { size: ${value ?? '10M'} }`],
  [
    'retain',
    (value) =>
      value === 'all'
        ? 'log_rotate: { keep: N }; all of them cannot be kept'
        : `log_rotate: { keep: ${value ?? '5'} }`,
  ],
  ['compress', (value) => `log_rotate: { compress: ${value ?? 'true'} }`],
  ['rotateInterval', () => 'log_rotate: { interval: 1d }, a duration in place of a cron line'],
  ['workerInterval', () => 'not needed: a file is looked at whenever something is written'],
  ['rotateModule', () => 'not needed: daemon.log is rotated too'],
  ['dateFormat', () => 'not to be set: rotated files are numbered or dated by stateward'],
  ['TZ', () => 'not to be set: the time zone of the daemon counts'],
]);

/** The keys of the ecosystem file that correspond to pm2-logrotate, or to one setting of it. */
export function logrotateHint(setting: string | undefined, value: string | undefined): string {
  const mapped = setting === undefined ? undefined : SETTINGS.get(setting)?.(value);
  if (mapped === undefined) {
    return 'rotation is built in, and on: log_rotate: { size: 10M, keep: 5, compress: true } in the ecosystem file changes it (stateward explain log_rotate)';
  }
  return `rotation is built in; in the ecosystem file, ${setting ?? ''} is ${mapped} (stateward explain log_rotate)`;
}
