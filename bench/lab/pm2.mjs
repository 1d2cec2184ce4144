import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The PM2 that everybody's figures stand beside. */
export const PM2_VERSION = '7.0.4';

/** Where nobody wants it. */
export const NO_PM2 = { program: null, version: null, missing: 'not asked for' };

const INSTALL_MS = 120_000;

/**
 * PM2, installed once into a cache folder outside the repository: `$STATEWARD_BENCH_CACHE`, else one of this user. It is
 * run as a program and no part of it is loaded here.
 *
 * @returns `{ program, version, missing }`: the file to run with node, or null and why it is not there
 */
export async function installPm2() {
  const folder = join(cacheFolder(), `pm2-${PM2_VERSION}`);
  const program = join(folder, 'node_modules/pm2/bin/pm2');
  const found = { program, version: PM2_VERSION, missing: null };
  if (existsSync(join(folder, 'installed'))) return found;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // Without it, npm would install into the next folder above that has one.
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    const flags = ['--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--fetch-retries=1'];
    await promisify(execFile)('npm', ['install', ...flags, `pm2@${PM2_VERSION}`], {
      cwd: folder,
      timeout: INSTALL_MS,
    });
    writeFileSync(join(folder, 'installed'), '');
    return found;
  } catch (error) {
    return {
      program: null,
      version: null,
      missing: `npm cannot install pm2@${PM2_VERSION}: ${lineOf(error)}`,
    };
  }
}

function cacheFolder() {
  const { STATEWARD_BENCH_CACHE: own, XDG_CACHE_HOME: cache } = process.env;
  return own ?? join(cache || join(homedir(), '.cache'), 'stateward-bench');
}

/** The line of npm's output that says what went wrong. */
function lineOf({ stderr, message, killed }) {
  if (killed) return `no answer within ${INSTALL_MS / 1000} s`;
  const lines = String(stderr ?? '')
    .split('\n')
    .filter((line) => /^npm (error|ERR!)/.test(line));
  const said = lines.find((line) => /request to|not found/i.test(line)) ?? lines[0];
  return (said ?? message).replace(/^npm (error|ERR!)\s*/, '');
}
