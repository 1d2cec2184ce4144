import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { behind, type Prefix } from '../../../src/runner/spawn/prefixes/prefix.ts';
import { putInFront } from '../../../src/runner/spawn/prefixes/put-in-front.ts';
import { RunnerRig } from '../../support/runner/runner-rig.ts';

const env = { PATH: '/usr/bin:/bin' };
const prefix = (program: string, ...args: string[]): Prefix => ({
  key: 'user',
  program,
  args,
  need: `${program}(1) is needed`,
});

describe('programs in front of a command', () => {
  test('run in their order, each with the next one as its arguments', () => {
    const list = [prefix('nice', '-n', '5'), prefix('setpriv', '--')];
    const command = { file: 'app', args: ['a b', '--'] };
    expect(behind(list, ['/bin/nice', '/bin/setpriv'], command)).toEqual({
      file: '/bin/nice',
      args: ['-n', '5', '/bin/setpriv', '--', 'app', 'a b', '--'],
    });
    expect(behind([], [], command)).toEqual(command);
  });

  test('are found in the folders of the system, whatever the PATH of the app', async () => {
    const command = { file: '/bin/true', args: [], cwd: '/', env: { PATH: '/tmp' } };
    const { file, args } = await putInFront([prefix('nice', '-n', '5')], command);
    expect(file).toMatch(/^\/(usr\/)?bin\/nice$/);
    expect(args).toEqual(['-n', '5', '/bin/true']);
  });

  test('that are missing are named with what they are for', async () => {
    const command = { file: '/bin/true', args: [], cwd: '/', env };
    await expect(putInFront([prefix('no-such-program')], command)).rejects.toThrow(
      'user: no-such-program(1) is needed',
    );
  });
});

describe.runIf(process.getuid?.() === 0)('an app behind other programs', () => {
  let rig: RunnerRig;
  beforeEach(async () => {
    rig = await RunnerRig.start();
  });
  afterEach(() => rig.close());

  test('that cannot be run has failed to start, and its own stderr has no word of it', async () => {
    const script = join(rig.folder, 'script');
    await writeFile(script, '#!/no/such/interpreter -x\n');
    await chmod(script, 0o755);
    const plain = join(rig.folder, 'plain');
    await writeFile(plain, 'text', { mode: 0o644 });
    const folder = join(rig.folder, 'by-folder');
    await writeFile(folder, '#!/tmp\n');
    await chmod(folder, 0o755);
    const why = async (file: string): Promise<string> => {
      const spec = rig.spec({ file, uid: 'daemon', cwd: '/', env });
      const { exit } = await rig.client.spawn(spec);
      expect(await readFile(rig.logOf(spec), 'utf8').catch(() => '')).toBe('');
      return exit?.error ?? 'started';
    };
    expect(await why('no-such')).toBe('spawn: ENOENT: cannot run "no-such": no such program');
    expect(await why(script)).toContain('spawn: ENOENT: cannot run');
    expect(await why(plain)).toContain('spawn: EACCES: cannot run');
    expect(await why(folder)).toContain('spawn: ');
  });
});
