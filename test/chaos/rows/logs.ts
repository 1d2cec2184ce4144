import { readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ApiTimes } from '../harness/watch/api-times.ts';
import { Fleet, program } from '../harness/fleet.ts';
import { memoryOf } from '../harness/watch/memory.ts';
import { until } from '../harness/until.ts';
import type { World } from '../harness/world.ts';
import type { Row } from '../row.ts';
import { errorCode } from '../../../src/lib/system-error.ts';

const logFile = (world: World, app: string): string => join(world.paths.logs, 'shop', `${app}-out.log`);

/** The numbers at the beginning of each line. */
function numbersIn(text: string): readonly number[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(/^(\d+) \.*$/.exec(line)?.[1]));
}

/** Of all that 64 KiB pipes and one read of the runner can hold: what a runner that is killed may take along. */
const READ_CHUNK_BYTES = 64 * 1024;
const MB = 1024 * 1024;

export const logs: readonly Row[] = [
  {
    name: 'runner-killed-in-a-burst',
    faults: [5],
    holds: 'no line is torn, none comes twice, and no more are lost than one read of the runner holds',
    async run(world) {
      const count = 60_000;
      world.declare({
        name: 'writer',
        script: program('writer.cjs'),
        env: { LINES: String(count), FILL: '90' },
        log_rotate: false,
      });
      await world.ok('apply', '--no-wait');
      const kills = 3;
      for (let kill = 0; kill < kills; kill++) {
        await world.moment(0, 150);
        const pid = await world.kill('runner');
        await world.next('runner', pid);
      }
      const file = logFile(world, 'writer');
      await until(
        () => new RegExp(`^${count} `, 'm').test(readFileSync(file, 'utf8').slice(-1_000)),
        'the last line is there',
      );
      const numbers = numbersIn(readFileSync(file, 'utf8'));
      const torn = numbers.filter(Number.isNaN).length;
      const isSorted = numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0));
      const lostBytes = (count - numbers.length) * 100;
      world.notes.push(`${count} lines, ${count - numbers.length} lost in ${kills} kills, ${torn} torn`);
      expect({ torn, isSorted }).toEqual({ torn: 0, isSorted: true });
      expect(lostBytes).toBeLessThanOrEqual(kills * READ_CHUNK_BYTES);
    },
  },
  {
    name: 'bursts-of-20-apps',
    faults: [31],
    holds: 'every line of 20 apps is in its file and in order; the API answers; the runner stays small',
    async run(world) {
      const count = 10_000;
      const names = Array.from({ length: 20 }, (_, index) => `w${index}`);
      const script = program('writer.cjs');
      const env = { LINES: String(count), FILL: '60' };
      world.declare({ name: 'first', script: 'sleep 1000' });
      await world.ok('apply');
      const times = new ApiTimes(world.paths.apiSocket);
      world.declare(
        { name: 'first', script: 'sleep 1000' },
        ...names.map((name) => ({ name, script, env, log_rotate: false })),
      );
      await world.ok('apply');
      for (const name of names) {
        await until(
          () => numbersIn(readFileSync(logFile(world, name), 'utf8')).at(-1) === count,
          `${name} is done`,
        );
        const numbers = numbersIn(readFileSync(logFile(world, name), 'utf8'));
        expect(numbers, name).toEqual(Array.from({ length: count }, (_, index) => index + 1));
      }
      const p99 = await times.p99();
      const memory = memoryOf(world.pidOf('runner') ?? 0);
      world.notes.push(`API p99 ${Math.round(p99)} ms, runner ${Math.round(memory / MB)} MB`);
      expect(p99).toBeLessThan(2_000);
      expect(memory).toBeLessThan(120 * MB);
    },
  },
  {
    name: 'line-of-200-mib',
    faults: [32],
    holds: 'its bytes stay as they came; the runner stays small; what comes after it is a line of its own',
    async run(world) {
      const env = { MEGABYTES: '200' };
      const script = program('long-line.cjs');
      world.declare({ name: 'long', script, env, log_rotate: { size: '20M', keep: 2 } });
      await world.ok('apply', '--no-wait');
      let most = 0;
      const file = logFile(world, 'long');
      await until(
        () => {
          most = Math.max(most, memoryOf(world.pidOf('runner') ?? 0));
          return readTail(file).endsWith('\nend\n');
        },
        'the line has ended',
        60_000,
      );
      // Where the file was rotated the line goes on in the next one; what had to be dropped is said in a line of its own.
      const strange = readFileSync(file, 'latin1')
        .split('\n')
        .filter((line) => !/^x*$/.test(line) && line !== 'end' && !line.includes('lines dropped'));
      world.notes.push(`runner ${Math.round(most / MB)} MB at most`);
      expect(strange.map((line) => line.slice(0, 80))).toEqual([]);
      expect(most).toBeLessThan(120 * MB);
    },
  },
  {
    name: 'logs-of-any-bytes',
    faults: [33],
    holds:
      'bytes are kept as they came, NUL and broken UTF-8 too; the command line shows no control sequence on a terminal',
    async run(world) {
      const bytes = world.random.bytes(20_000);
      const path = world.write('bytes', '');
      world.writeBytes('bytes', bytes);
      world.declare({ name: 'raw', script: `cat '${path}'; echo; exec sleep 1000`, shell: true });
      await world.ok('apply');
      const file = logFile(world, 'raw');
      await until(() => statSync(file).size > bytes.length, 'all is written');
      expect(readFileSync(file)).toEqual(Buffer.concat([bytes, Buffer.from('\n')]));
      await world.ok('logs', 'raw');
    },
  },
  {
    name: 'log-folder-removed',
    faults: [35],
    holds: 'it is made again, lines go on, and no app is touched',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        await world.moment(0, 500);
        rmSync(world.paths.logs, { recursive: true });
        const file = logFile(world, 'sh');
        await until(() => /tick \d+\n/.test(readTail(file)), 'lines are written again');
      });
      expect(await world.pids()).toEqual(before);
      await world.settled();
    },
  },
  {
    name: 'logs-cannot-be-written',
    faults: [13],
    holds:
      'a full disk for logs stops no app; a condition says it; what is dropped is counted; lines go on when there is room',
    async run(world) {
      const fleet = await Fleet.applied(world);
      const before = await world.pids();
      await fleet.serving(async () => {
        world.arm('log.write:error=ENOSPC');
        await until(async () => /ENOSPC|no space/i.test((await world.ok('why', 'sh')).stdout), 'why says it');
        world.disarm();
        const size = sizeOf(logFile(world, 'sh'));
        await until(() => sizeOf(logFile(world, 'sh')) > size, 'lines are written again');
        await world.settled();
      });
      expect(await world.pids()).toEqual(before);
    },
  },
  {
    name: 'rotation-fails',
    faults: [13],
    holds: 'a log that cannot be rotated is written to all the same, and no line is lost',
    async run(world) {
      world.arm('log.rotate:error=EACCES');
      world.declare({
        name: 'writer',
        script: program('writer.cjs'),
        env: { LINES: '5000', FILL: '60' },
        log_rotate: { size: '50K', keep: 3 },
      });
      await world.ok('apply');
      const file = logFile(world, 'writer');
      await until(() => numbersIn(readTail(file)).at(-1) === 5_000, 'all is written');
      expect(world.fired).toBe(true);
      const files = readdirSync(join(world.paths.logs, 'shop')).filter((name) =>
        name.startsWith('writer-out.log'),
      );
      const text = files.map((name) => readFileSync(join(world.paths.logs, 'shop', name), 'utf8')).join('');
      expect([...numbersIn(text)].sort((a, b) => a - b)).toEqual(
        Array.from({ length: 5_000 }, (_, index) => index + 1),
      );
    },
  },
];

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** The last bytes of a file; nothing when it is not there, as between the end of one and the beginning of the next. */
function readTail(path: string): string {
  try {
    return readFileSync(path, 'latin1').slice(-1_000);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}
