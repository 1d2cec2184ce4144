import { fitsSocket, MAX_SOCKET_PATH_BYTES } from '../../lib/sockets/socket-path.ts';
import { formatDuration, parseDuration } from '../../lib/units.ts';
import { SETTING_DEFAULTS, SETTING_FIELDS, type SettingValues } from './generated/setting-fields.ts';
import { LISTEN_PLACE_HINT, listenPlace } from './listen-place.ts';

/** Something that the schema cannot say, about the value of a key. */
export interface SettingProblem {
  readonly key: keyof SettingValues;
  readonly message: string;
  readonly hint?: string;
}

const HOST_NAME =
  /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/** Everything that is wrong with values that the schema takes. `home`: where their paths begin. */
export function settingProblems(values: SettingValues, home: string): readonly SettingProblem[] {
  return [...outOfBounds(values), ...ofListener(values, home), ...ofSession(values)];
}

function* outOfBounds(values: SettingValues): Generator<SettingProblem> {
  for (const [key, value] of Object.entries(values) as [keyof SettingValues, unknown][]) {
    const { least, most } = SETTING_FIELDS[key] ?? {};
    if (least === undefined || most === undefined) continue;
    const given = parseDuration(value as number | string) ?? 0;
    const limit =
      given < span(least) ? `less than ${least}` : given > span(most) ? `more than ${most}` : null;
    if (limit === null) continue;
    const plain = typeof value === 'number' || /^\d+$/.test(String(value));
    const meant = plain ? 'a plain number is milliseconds; ' : '';
    yield { key, message: `${String(value)} is ${limit}`, hint: `${meant}it takes ${least} to ${most}` };
  }
}

function* ofListener(values: SettingValues, home: string): Generator<SettingProblem> {
  const { 'http.listen': listen, 'http.tls.cert': cert, 'http.tls.key': tlsKey } = values;
  if (listen !== undefined) {
    const place = listenPlace(listen, home);
    if (place === null) {
      const message = `${JSON.stringify(listen)} is no address with a port`;
      yield { key: 'http.listen', message, hint: LISTEN_PLACE_HINT };
    } else if (place.kind === 'unix' && !fitsSocket(place.path)) {
      const message = `the path of the socket is longer than the ${MAX_SOCKET_PATH_BYTES} bytes that the system allows`;
      yield { key: 'http.listen', message, hint: 'choose a shorter one: unix:/run/stateward.sock' };
    }
  }
  if ((cert === undefined) !== (tlsKey === undefined)) {
    const [there, missing] = cert === undefined ? (['key', 'cert'] as const) : (['cert', 'key'] as const);
    const message = `http.tls.${missing} is missing: cert and key belong together`;
    yield { key: `http.tls.${there}`, message, hint: `name the file of the ${missing} too` };
  }
  for (const name of values['http.hosts'] ?? []) {
    if (HOST_NAME.test(name)) continue;
    const message = `${JSON.stringify(name)} is no name of a host`;
    yield { key: 'http.hosts', message, hint: 'write ops.example.com: without https://, port, path or *' };
  }
}

function* ofSession(values: SettingValues): Generator<SettingProblem> {
  const idle = span(values['http.session.idle'] ?? SETTING_DEFAULTS['http.session.idle']);
  const max = span(values['http.session.max'] ?? SETTING_DEFAULTS['http.session.max']);
  if (idle <= max) return;
  const key = values['http.session.max'] === undefined ? 'http.session.idle' : 'http.session.max';
  const message = `a session that ends after ${formatDuration(max)} cannot be unused for ${formatDuration(idle)}`;
  yield { key, message, hint: 'let http.session.idle be no longer than http.session.max' };
}

function span(duration: number | string): number {
  return parseDuration(duration) ?? 0;
}
