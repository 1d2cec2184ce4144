import { describe, expect, it } from 'vitest';
import { boolean, integer, option, string } from '../../../src/cli/fast/plain/flags.ts';
import { NotPlain } from '../../../src/cli/fast/plain/not-plain.ts';
import { READ_NAMES, readNamed } from '../../../src/cli/fast/plain/names.ts';
import { readLine, type LineShape } from '../../../src/cli/fast/plain/read-line.ts';
import { COMMANDS } from '../../../src/cli/generated/command-table.ts';

const shape: LineShape = {
  args: { app: {} },
  strict: false,
  flags: {
    home: string({}),
    watch: boolean({ char: 'w' }),
    selector: string({ char: 'l', multiple: true }),
    columns: string({ char: 'L', multiple: true, delimiter: ',' }),
    lines: integer({ char: 'n', min: 0, max: 100 }),
    until: string({ exclusive: ['watch'] }),
    invert: boolean({ dependsOn: ['selector'] }),
    output: option({ char: 'o', options: ['table', 'json'], default: 'table' })(),
  },
};

describe('a plain line', () => {
  it.each([
    [[], [], {}],
    [['api', 'web:1', '-o', 'json'], ['api', 'web:1'], { output: 'json' }],
    [['-ojson', 'api'], ['api'], { output: 'json' }],
    [['-o=json'], [], { output: 'json' }],
    [['--output=json', '-w'], [], { output: 'json', watch: true }],
    [['-l', 'a=b', '--selector', 'c'], [], { selector: ['a=b', 'c'] }],
    [['-n', '5', '--home', '/x'], [], { lines: 5, home: '/x' }],
    [['--home=/x'], [], { home: '/x' }],
    [['--invert', '-l', 'x'], [], { invert: true, selector: ['x'] }],
  ])('%j is read', async (argv, words, flags) => {
    const line = await readLine(argv, shape);
    expect(line.words).toEqual(words);
    expect(line.flags).toEqual({
      ...{ home: undefined, selector: undefined, columns: undefined, lines: undefined, until: undefined },
      ...{ watch: false, invert: false, output: 'table' },
      ...flags,
    });
  });

  it.each([
    [['-o', 'yaml']],
    [['-o']],
    [['-o', '-w']],
    [['-o', 'json', '-o', 'table']],
    [['-w', '-w']],
    [['-wl', 'x']],
    [['--watch=true']],
    [['--no-watch']],
    [['--outpu', 'json']],
    [['--help']],
    [['--']],
    [['-']],
    [['']],
    [['.']],
    [['./x']],
    [['/srv/app']],
    [['/regex/']],
    [['ecosystem.yaml']],
    [['ecosystem.prod']],
    [['pm2.json']],
    [['-n', '101']],
    [['-n', '1.5']],
    [['-n', 'x']],
    [['-L', 'a,b']],
    [['-w', '--until', 'x']],
    [['--invert']],
    [['--home=']],
    [['--constructor']],
  ])('%j is left to the full command', async (argv) => {
    await expect(readLine(argv, shape)).rejects.toThrow(NotPlain);
  });

  it('has no more words than the command takes', async () => {
    await expect(readLine(['a', 'b'], { ...shape, strict: true })).rejects.toThrow(NotPlain);
  });
});

describe('the names of reads', () => {
  it('are those of the commands, with all their aliases', () => {
    const ids = [...new Set(Object.values(READ_NAMES))];
    for (const name of ids) {
      const command = COMMANDS[name.replace(' ', ':')];
      const names = Object.keys(READ_NAMES).filter((key) => READ_NAMES[key] === name);
      expect([name, ...(command?.aliases ?? ['no such command'])].sort()).toEqual(names.sort());
      expect(command?.changesNothing).toBe(true);
    }
  });

  it('are found where a line begins with them', () => {
    expect(readNamed(['source', 'list', '-o', 'json'])).toEqual({
      name: 'source list',
      argv: ['-o', 'json'],
    });
    expect(readNamed(['status'])).toEqual({ name: 'get', argv: [] });
    expect(readNamed(['source'])).toBeNull();
    expect(readNamed(['constructor'])).toBeNull();
    expect(readNamed([])).toBeNull();
  });
});
