import { execFile } from 'node:child_process';
import { getPriority } from 'node:os';
import type { Clock } from '../../lib/clocks/clock.ts';
import { errorMessage } from '../../lib/system-error.ts';
import type { Tuning } from '../protocol/orders.ts';
import { putInFront } from '../spawn/prefixes/put-in-front.ts';
import { tuned } from '../spawn/prefixes/tuned.ts';
import { saidBy } from './commands.ts';
import { wayOut, type Unmet } from './outcome.ts';
import { instead, SEEN_IN } from './seen.ts';
import { settingsOf, tuningOf, type Setting } from './settings.ts';

/** What of a tuning processes get when they start. */
export interface Granted {
  readonly tuning: Tuning;
  readonly unmet: readonly Unmet[];
}

/** A refusal may be over soon: somebody installs a program, or raises a limit. */
const REFUSED_MS = 10_000;
const TRIAL_MS = 10_000;
const PATH = '/usr/bin:/bin:/usr/sbin:/sbin';
/** As far as it is shown. */
const SAID_LENGTH = 200;

/**
 * Finds out what of a tuning the host allows, by having a program that does nothing run with it: a program in front of
 * an app would end the app with a word on its stderr, or go on without (nice(1)) and say that there. What is not allowed
 * is left out: the app runs without it, and its line says so. Each tuning is tried once.
 */
export class Grants {
  readonly #clock: Clock;
  readonly #known = new Map<string, { readonly granted: Promise<Granted>; until: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Never rejects. */
  async of(tuning: Tuning): Promise<Granted> {
    const settings = settingsOf(tuning);
    if (settings.length === 0) return { tuning: {}, unmet: [] };
    const key = JSON.stringify([tuning, getPriority()]);
    const known = this.#known.get(key);
    if (known !== undefined && this.#clock.monotonic() < known.until) return known.granted;
    const entry = { granted: grant(settings), until: Infinity };
    this.#known.set(key, entry);
    const granted = await entry.granted;
    if (granted.unmet.length > 0) entry.until = this.#clock.monotonic() + REFUSED_MS;
    return granted;
  }
}

async function grant(settings: readonly Setting[]): Promise<Granted> {
  const all = await tryOut(settings);
  if (all === null) return { tuning: tuningOf(settings), unmet: [] };
  const tried = await Promise.all(
    settings.map(async (setting) => ({ setting, said: await tryOut([setting]) })),
  );
  const allowed = tried.filter(({ said }) => said?.isRefused !== true).map(({ setting }) => setting);
  const unmet = tried.flatMap(({ setting, said }) => (said === null ? [] : [said.unmet(setting)]));
  // Each alone, but not all together: a limit that leaves no room for the next program.
  if (unmet.length === 0) {
    const message = `${settings.map(({ key }) => key).join(', ')}: ${all.why}: none of them is in force`;
    return { tuning: {}, unmet: [{ key: 'rlimits', message }] };
  }
  return { tuning: tuningOf(allowed), unmet };
}

interface Said {
  readonly why: string;
  /** False: it runs, with something else than what was asked for. */
  readonly isRefused: boolean;
  readonly unmet: (setting: Setting) => Unmet;
}

/** Null: a process gets them all. */
async function tryOut(settings: readonly Setting[]): Promise<Said | null> {
  const prefixes = tuned(tuningOf(settings), getPriority());
  const files = process.platform === 'linux' ? SEEN_IN.map((file) => `/proc/self/${file}`) : ['/dev/null'];
  const command = { file: 'cat', args: files, cwd: '/', env: { PATH } };
  try {
    const { file, args } = await putInFront(prefixes, command);
    const { failure, out, errors } = await run(file, args);
    if (failure !== null || errors !== '') return refused(errors === '' ? (failure ?? '') : errors);
    const other = settings.map((setting) => instead(setting, out)).find((found) => found !== null);
    return other === undefined ? null : narrowed(other);
  } catch (error) {
    return missing(errorMessage(error));
  }
}

function refused(said: string): Said {
  const why = saidBy(said).slice(0, SAID_LENGTH);
  const unmet = (setting: Setting): Unmet => ({
    key: setting.key,
    message: `${setting.key} ${setting.value} is not in force: ${why}; ${wayOut(setting)}`,
  });
  return { why, isRefused: true, unmet };
}

function narrowed(found: string): Said {
  const unmet = (setting: Setting): Unmet => ({
    key: setting.key,
    message: `${setting.key} ${setting.value} is not all in force: the host gives ${found}; ${wayOut(setting)}`,
  });
  return { why: `the host gives ${found}`, isRefused: false, unmet };
}

function missing(why: string): Said {
  const unmet = ({ key, value }: Setting): Unmet => ({
    key,
    message: `${key} ${value} is not in force: ${why}`,
  });
  return { why, isRefused: true, unmet };
}

interface Ran {
  /** Null: it ended well. */
  readonly failure: string | null;
  readonly out: string;
  readonly errors: string;
}

function run(file: string, args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { env: { PATH, LC_ALL: 'C' }, cwd: '/', timeout: TRIAL_MS };
    execFile(file, [...args], options, (error, out, errors) => {
      resolve({ failure: error === null ? null : errorMessage(error), out, errors: errors.trim() });
    });
  });
}
