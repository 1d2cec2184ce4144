import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS } from '../../../src/cli/generated/command-table.ts';
import { foreignHint, foreignWords } from '../../../src/cli/foreign/foreign-words.ts';
import { groupAbout } from '../../../src/cli/help/root-help.ts';
import { resolveCommand } from '../../../src/cli/resolve-command.ts';
import { buildCli } from '../support/build.ts';
import type { BuiltCli } from '../support/build.ts';
import { app } from '../support/fixtures.ts';
import { createRoom } from '../support/run.ts';

/** The whole command line of PM2 7, and what its users know from older ones: what each word is for, and is typed with. */
const PM2: readonly (readonly [kind: 'reads' | 'changes', ...typed: string[]])[] = [
  ['changes', 'start app.js'],
  ['changes', 'restart api', 'reload api', 'gracefulReload api', 'stop api', 'delete api', 'del api'],
  ['changes', 'startOrRestart FILE', 'startOrReload FILE', 'startOrGracefulReload FILE'],
  ['changes', 'scale api +1', 'reset api', 'sendSignal SIGUSR2 api', 'kill'],
  ['changes', 'update', 'updatePM2', 'deepUpdate'],
  ['changes', 'send 0 line', 'attach 0', 'trigger api reload', 'sendLineToStdin 0 line'],
  ['reads', 'list', 'ls', 'l', 'ps', 'status', 'jlist', 'prettylist', 'slist', 'sysinfos'],
  ['reads', 'describe api', 'desc api', 'info api', 'show api', 'env 0', 'pid api', 'id api', 'ping'],
  ['reads', 'dashboard', 'dash', 'report', 'htop'],
  ['reads', 'logs api', 'log api'],
  ['changes', 'flush', 'reloadLogs', 'logrotate'],
  ['changes', 'save', 'dump', 'resurrect', 'cleardump', 'startup', 'unstartup', 'autodump'],
  ['changes', 'set pm2-logrotate:max_size 10M', 'multiset "a 1 b 2"', 'unset pm2:autodump'],
  ['reads', 'conf', 'config', 'conf pm2-logrotate'],
  ['changes', 'install pm2-logrotate', 'uninstall pm2-logrotate', 'module:install pm2-logrotate'],
  ['changes', 'module:uninstall x', 'module:update x', 'module:generate', 'module:publish', 'module:package'],
  ['changes', 'package .', 'publish', 'generate', 'autoinstall', 'install-otel', 'uninstall-otel'],
  ['changes', 'deploy ecosystem.config.js production', 'pull api', 'forward api', 'backward api'],
  ['changes', 'ecosystem', 'init', 'init simple', 'create', 'serve . 8080', 'expose . 8080'],
  ['reads', 'examples', 'completion', 'inspect api'],
  ['changes', 'link a b', 'unlink', 'plus', 'register', 'login', 'logout', 'monitor api', 'unmonitor api'],
  ['reads', 'open', 'web'],
  ['reads', 'profile:cpu', 'profile:mem', 'heapdump'],
  ['changes', 'runtime FILE', 'pm2-runtime FILE', 'docker', 'container', 'dockerfile'],
];

const LINES = PM2.flatMap(([kind, ...typed]) => typed.map((line) => ({ kind, line })));
const names = Object.entries(COMMANDS).map(([id, entry]) => ({ id, ...entry }));

/** The commands of ours that a hint tells somebody to type. */
function proposed(hint: string): readonly string[] {
  return [...hint.matchAll(/stateward ([a-z][\w-]*)(?: ([a-z]+))?/gi)].map(([, first = '', second = '']) => {
    const found = resolveCommand([first, second], names);
    if (!found.ok) throw new Error(`"stateward ${first} ${second}" in: ${hint}`);
    return found.value.kind === 'run' ? found.value.id : 'help';
  });
}

function answerTo(line: string): { readonly id: string } | { readonly hint: string } {
  const resolved = resolveCommand(line.split(' '), names);
  if (!resolved.ok) return { hint: resolved.error.hint ?? '' };
  if (resolved.value.kind === 'run') return { id: resolved.value.id };
  // A group of commands: its page begins with that sentence.
  const hint = groupAbout(resolved.value.subject.join(' '));
  if (!hint.includes('stateward ')) throw new Error(`${line}: no answer`);
  return { hint };
}

describe('a word of PM2', () => {
  it.each(LINES)('$line works, or one sentence leads on', ({ kind, line }) => {
    const answer = answerTo(line);
    if ('id' in answer) {
      if (kind === 'reads') expect(COMMANDS[answer.id]).toMatchObject({ changesNothing: true });
      return;
    }
    const { hint } = answer;
    expect(hint).not.toMatch(/^stateward --help lists the commands$|^did you mean/);
    expect(hint.length).toBeLessThan(200);
    const ids = proposed(hint).filter((id) => id !== 'help');
    if (kind === 'reads') expect(ids.filter((id) => COMMANDS[id]?.changesNothing !== true)).toEqual([]);
  });

  it.each([...new Set(LINES.map(({ line }) => line.split(' ', 1)[0] ?? ''))])(
    '%s may be typed in other letters',
    (word) => {
      const answer = answerTo(word.toLowerCase());
      const same = answerTo(word);
      if ('id' in same && word !== word.toLowerCase())
        expect('hint' in answer && proposed(answer.hint)).toEqual([same.id]);
      else if (word === word.toLowerCase()) expect(answer).toEqual(same);
    },
  );
});

describe('a word of any other tool', () => {
  it.each(foreignWords())('%s leads to commands that there are', (word) => {
    expect(() => proposed(foreignHint([word]) ?? '')).not.toThrow();
  });
});

describe('settings of PM2', () => {
  it.each([
    ['install pm2-logrotate', /^rotation is built in, and on: log_rotate: \{ size: 10M/],
    ['set pm2-logrotate:max_size 50M', /max_size is log_rotate: \{ size: 50M \}/],
    ['set pm2-logrotate:retain 30', /retain is log_rotate: \{ keep: 30 \}/],
    ['set pm2-logrotate:compress true', /compress is log_rotate: \{ compress: true \}/],
    ['set pm2-logrotate:rotateInterval', /interval: 1d/],
    ['unset pm2-logrotate:max_size', /size: 10M/],
    ['set pm2:autodump true', /^nothing to set: what was applied is kept/],
    ['conf', /^settings are keys of the ecosystem file/],
    ['install something-else', /^there are no modules here/],
  ])('%s', (line, hint) => expect(answerTo(line)).toEqual({ hint: expect.stringMatching(hint) as string }));
});

describe('on the command line', () => {
  let cli: BuiltCli;
  beforeAll(async () => {
    cli = await buildCli();
  });
  afterAll(() => cli[Symbol.asyncDispose]());

  it('a word that is none here is exit 64 with the sentence that leads on', async () => {
    await using room = await createRoom(cli);
    expect(await room.run(['install', 'pm2-logrotate'])).toEqual({
      code: 64,
      stdout: '',
      stderr:
        'error[USAGE]: unknown command "install"\n  help: rotation is built in, and on: log_rotate: { size: 10M, keep: 5, ' +
        'compress: true } in the ecosystem file changes it (stateward explain log_rotate)\n',
    });
  });

  it('get of a setting of PM2 is told from an app that is not there', async () => {
    await using room = await createRoom(cli);
    const expected = {
      code: 1,
      stdout: '',
      stderr: expect.stringContaining('nothing to set: what was applied') as string,
    };
    await room.serve({ apps: [app('api')] });
    expect(await room.run(['get', 'pm2:autodump'])).toMatchObject(expected);
    expect((await room.run(['get', 'api:x'])).stderr).not.toContain('PM2');
  });
});
