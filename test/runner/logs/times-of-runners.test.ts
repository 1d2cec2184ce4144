import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { fileContent } from '../../support/files.ts';
import { timedLog, type TimedLine, type TimedLog } from '../../support/line-times.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

let rig: RunnerRig;
let log: string;
beforeEach(async () => {
  rig = await RunnerRig.start();
});
afterEach(() => rig.close());

/** Of its longest line, or nearly. */
const LINE_BYTES = 20;

/** Says every millisecond which line it is, and when. */
const SOURCE = `let n = 0; setInterval(() => console.log(n++ + ' ' + Date.now()), 1);`;

async function launch(): Promise<string> {
  const app = join(rig.folder, 'app.cjs');
  await writeFile(app, SOURCE);
  const spec = rig.spec({ file: process.execPath, args: [app] });
  log = rig.logOf(spec);
  await rig.client.spawn(spec);
  return spec.nonce;
}

function told(): Promise<TimedLog> {
  return timedLog(join(rig.home, 'logs/.times'), log);
}

/** Resolves when there are `count` lines more. */
async function more(count: number): Promise<void> {
  const before = (await fileContent(log, () => true).catch(() => Buffer.alloc(0))).length;
  await fileContent(log, ({ length }) => length > before + count * 15);
}

async function end(nonce: string): Promise<readonly TimedLine[]> {
  await rig.client.call({ kind: 'stop', spec: { nonce, signal: 'SIGKILL', tree: true, graceMs: 0 } });
  await rig.client.nextState(nonce, 'exited');
  const { lines } = await eventually(async () => {
    const all = await told();
    return all.covered === all.size ? all : undefined;
  });
  return lines;
}

function numberOf({ line }: TimedLine): number {
  return Number(line.split(' ')[0]);
}

/** How many lines are missing; all of them in one place. None is there twice, or in the place of another. */
function lost(lines: readonly TimedLine[]): number {
  const gaps = lines.map((line, index) => numberOf(line) - index);
  expect(new Set(gaps).size).toBeLessThanOrEqual(2);
  expect(gaps).toEqual([...gaps].sort((a, b) => a - b));
  expect(gaps[0]).toBe(0);
  return gaps.at(-1) ?? 0;
}

/** How long after it was said a line was dated; null: it is not. */
function lag({ line, at }: TimedLine): number | null {
  return at === null ? null : at - Number(line.split(' ')[1]);
}

test('a runner that is killed in a burst costs the times of what it had not saved, and no more', async () => {
  const nonce = await launch();
  await more(500);
  // On a busy host its times may be far behind the lines.
  await eventually(async () => {
    const { covered, size } = await told();
    return covered > 3_000 && size - covered < 300 * LINE_BYTES;
  });
  await rig.killRunner();
  await rig.startRunner();
  await more(500);
  const lines = await end(nonce);
  // What it had read and not written is gone with it; here that is a line a millisecond.
  expect(lost(lines)).toBeLessThan(200);
  const unknown = lines.flatMap((line, index) => (line.at === null ? [index] : []));
  // One part of a second, and nothing before or behind it.
  expect(unknown.length).toBeLessThan(450);
  const first = unknown[0] ?? lines.length;
  expect(unknown).toEqual(unknown.map((_, index) => first + index));
  const lags = lines.slice(0, first).map((line) => lag(line) ?? Infinity);
  expect(lags.length).toBeGreaterThan(100);
  expect(Math.min(...lags)).toBeGreaterThan(-1_000);
  // Of most: where the runner has had no turn for a while, it dates late what has come meanwhile.
  expect(lags.sort((a, b) => a - b)[Math.floor(lags.length / 2)]).toBeLessThan(1_000);
  expect(lags.at(-1)).toBeLessThan(Infinity);
  expect(lines.every(({ at, source }) => (at === null) === (source === null))).toBe(true);
});

test('a runner that takes over goes on with the times, and none is missing', async () => {
  const nonce = await launch();
  await more(300);
  await rig.upgrade();
  await more(300);
  const lines = await end(nonce);
  expect(lost(lines)).toBe(0);
  expect(lines.filter(({ at }) => at === null)).toEqual([]);
  const ats = lines.map(({ at }) => at ?? 0);
  expect(ats).toEqual([...ats].sort((a, b) => a - b));
});

test('a runner that comes back when nobody could take over goes on with the times', async () => {
  const nonce = await launch();
  await more(200);
  await expect(rig.upgrade(['/bin/false'])).rejects.toThrow('does not come up');
  await more(200);
  const lines = await end(nonce);
  expect(lost(lines)).toBe(0);
  expect(lines.filter(({ at }) => at === null)).toEqual([]);
});
