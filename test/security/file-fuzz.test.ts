import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readLedger } from '../../src/runner/ledger/read-ledger.ts';
import { recordsOf } from '../../src/runner/ledger/ledger-record.ts';
import { FrameSplitter } from '../../src/lib/lines/frame-splitter.ts';
import { redactText } from '../../src/spec/secrets/redact.ts';
import { Host } from '../support/host.ts';
import { jsonOf, Random, runs, SEED } from './fuzz/random.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stw-fuzz-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe(`bytes of a file, SEED=${SEED}:`, () => {
  const random = new Random();

  it('a ledger is read as far as it can be, whatever is in it', async () => {
    const path = join(folder, 'ledger.ndjson');
    const whole = Buffer.from(
      [
        {
          kind: 'intent',
          nonce: 'n1',
          labels: { project: 'p', app: 'a', slot: 0 },
          io: 'x-1',
          logs: {},
          at: 1,
        },
        { kind: 'started', nonce: 'n1', pid: 4_000_000, startTime: '1', bootId: 'b', at: 1 },
        { kind: 'ready', nonce: 'n1' },
        { kind: 'listening', nonce: 'n1', addresses: ['127.0.0.1:1'] },
        { kind: 'exit', nonce: 'n1', exit: { code: 0, signal: null, requested: false, at: 1 } },
      ]
        .map((record) => `${JSON.stringify(record)}\n`)
        .join(''),
    );
    writeFileSync(path, whole);
    expect(await readLedger(path)).toMatchObject({ entries: [{ nonce: 'n1' }], damage: null });
    for (let times = runs(400); times > 0; times--) {
      writeFileSync(path, random.mutated(whole));
      const { entries } = await readLedger(path);
      // What is read can be written again.
      expect(() => JSON.stringify(entries.flatMap(recordsOf))).not.toThrow();
    }
  });

  it('lines are cut within their bound, however they come', () => {
    for (let times = runs(200); times > 0; times--) {
      const lines: string[] = [];
      const tooLong: boolean[] = [];
      const splitter = new FrameSplitter(
        1_000,
        (line) => lines.push(line),
        () => tooLong.push(true),
      );
      const bytes = Buffer.concat(
        Array.from({ length: 20 }, () => random.mutated(Buffer.from(`${'x'.repeat(random.below(300))}\n`))),
      );
      for (let at = 0; at < bytes.length;) {
        const end = at + 1 + random.below(500);
        splitter.write(bytes.subarray(at, end));
        at = end;
      }
      const expected = bytes.toString('utf8').split('\n').slice(0, -1).filter(Boolean);
      if (tooLong.length === 0) expect(lines).toEqual(expected);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(1_000);
    }
  });

  it.each([
    ['assignments', 'a='],
    ['secret assignments', 'TOKEN='],
    ['flags', '--token '],
    ['URLs', 'http://a:b@'],
    ['quotes', '"a":"'],
    ['headers', 'X-Api-Key: '],
    ['half of a key', '-----BEGIN A'],
    ['queries', '?token=a&'],
    ['web tokens', 'eyJaaaaaaaaaa.'],
  ])('is looked through for secrets in a time that grows with its length: %s', (_kind, part) => {
    const timeOf = (length: number): number => {
      const text = part.repeat(length / part.length);
      const start = performance.now();
      redactText(text);
      return performance.now() - start;
    };
    timeOf(1_000);
    expect(timeOf(64_000)).toBeLessThan(3_000);
  });

  it('a saved plan is refused or means what it says, and nothing crashes', async () => {
    await using host = new Host();
    host.write('app.js', 'setInterval(() => undefined, 1e6);');
    host.declare({ name: 'web', script: './app.js' });
    const plan = join(host.folder, 'plan.json');
    writeFileSync(plan, (await host.ok('plan', '-o', 'json')).stdout);
    const whole = JSON.parse(readFileSync(plan, 'utf8')) as unknown;
    const kinds = [
      () => random.mutated(Buffer.from(JSON.stringify(whole))),
      () => Buffer.from(jsonOf(random.altered(whole))),
      () => random.bytes(500),
    ];
    for (let times = runs(9); times > 0; times--) {
      const bytes = random.of(kinds)();
      writeFileSync(plan, bytes);
      const { code, text } = await host.run(['apply', 'plan.json', '--dry-run']);
      expect([code, text.slice(0, 2_000)]).toEqual([
        expect.toBeOneOf([0, 1, 2, 5, 6, 64, 65]),
        expect.any(String),
      ]);
      expect(text).not.toMatch(/INTERNAL|\n {4}at /);
    }
  });
});
