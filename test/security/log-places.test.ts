import {
  chmodSync,
  chownSync,
  constants,
  existsSync,
  lchownSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inPlace, openLogFile, refuseAstray } from '../../src/runner/logs/safe-place.ts';
import { Host } from '../support/host.ts';

const NOBODY = 65_534;
const FLAGS = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;

let folder: string;
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stw-logs-'));
  writeFileSync(at('victim'), 'untouched', { mode: 0o600 });
  // As /tmp is, and as the folder of an app's user.
  mkdirSync(at('shared'));
  chmodSync(at('shared'), 0o1777);
  mkdirSync(at('theirs'), { mode: 0o755 });
  if (isRoot) chownSync(at('theirs'), NOBODY, NOBODY);
});
afterEach(() => rmSync(folder, { recursive: true }));

const isRoot = process.getuid?.() === 0;

async function write(path: string): Promise<void> {
  const file = await openLogFile(path, FLAGS, 0o640);
  await file.write('line\n');
  await file.close();
}

function theirLink(target: string, path: string): void {
  symlinkSync(target, path);
  lchownSync(path, NOBODY, NOBODY);
}

describe.runIf(isRoot)('a log file in a place where others may write', () => {
  it.each(['shared', 'theirs'])('is not written through a link of theirs: %s', async (place) => {
    theirLink(at('victim'), at(`${place}/app.log`));
    await expect(write(at(`${place}/app.log`))).rejects.toThrow(
      'belongs to another user, who could lead it anywhere',
    );
    await expect(refuseAstray(at(`${place}/app.log`))).rejects.toThrow('name the file itself');
    theirLink(at('new'), at(`${place}/dangling.log`));
    await expect(write(at(`${place}/dangling.log`))).rejects.toThrow('another user');
    expect(readFileSync(at('victim'), 'utf8')).toBe('untouched');
    expect(existsSync(at('new'))).toBe(false);
  });

  it.each(['shared', 'theirs'])(
    'is not written in a folder that a link of theirs leads to: %s',
    async (place) => {
      theirLink(folder, at(`${place}/logs`));
      await expect(write(at(`${place}/logs/victim`))).rejects.toThrow('another user');
      await expect(refuseAstray(at(`${place}/logs/deep/er/app.log`))).rejects.toThrow('another user');
      expect(readFileSync(at('victim'), 'utf8')).toBe('untouched');
    },
  );

  it.each(['shared', 'theirs'])('is not a file of ours that has another name there: %s', async (place) => {
    linkSync(at('victim'), at(`${place}/app.log`));
    await expect(write(at(`${place}/app.log`))).rejects.toThrow('another name elsewhere');
    expect(readFileSync(at('victim'), 'utf8')).toBe('untouched');
  });

  it('is not a file of theirs where anybody may write, and may be one in their own folder', async () => {
    for (const place of ['shared', 'theirs']) {
      writeFileSync(at(`${place}/app.log`), '');
      chownSync(at(`${place}/app.log`), NOBODY, NOBODY);
    }
    // What the kernel refuses by itself on many systems is refused on all.
    await expect(write(at('shared/app.log'))).rejects.toThrow(/another user|EACCES/);
    await write(at('theirs/app.log'));
    expect(readFileSync(at('theirs/app.log'), 'utf8')).toBe('line\n');
  });

  it('is made where nothing is, and added to where it is ours', async () => {
    for (const place of ['shared', 'theirs']) {
      await write(at(`${place}/app.log`));
      await write(at(`${place}/app.log`));
      expect(readFileSync(at(`${place}/app.log`), 'utf8')).toBe('line\nline\n');
    }
  });

  it('follows links that we or root have made, and any link where nobody else may write', async () => {
    symlinkSync(at('victim'), at('shared/ours.log'));
    await write(at('shared/ours.log'));
    expect(readFileSync(at('victim'), 'utf8')).toBe('untouchedline\n');
    mkdirSync(at('real'));
    symlinkSync('real', at('logs'));
    await write(at('logs/app.log'));
    expect(existsSync(at('real/app.log'))).toBe(true);
  });

  it('is not touched in a folder that was swapped for another meanwhile', async () => {
    mkdirSync(at('shared/logs'));
    await write(at('shared/logs/victim'));
    await inPlace(at('shared/logs/victim'), async (inside) => {
      // The descriptor leads to the folder that was looked at, whatever its name leads to now.
      renameSync(at('shared/logs'), at('moved'));
      theirLink(folder, at('shared/logs'));
      rmSync(inside);
      return Promise.resolve();
    });
    expect(existsSync(at('victim'))).toBe(true);
    expect(existsSync(at('moved/victim'))).toBe(false);
  });

  it('that cannot be written safely is a condition of its app, which runs', async () => {
    await using host = new Host();
    host.write('app.js', `setInterval(() => console.log('a line'), 50);`);
    theirLink(at('victim'), at('shared/app.log'));
    host.declare({ name: 'web', script: './app.js', out_file: at('shared/app.log') });
    expect((await host.run(['apply', '--timeout', '20s'])).text).toContain('Degraded, 1/1 ready');
    const { text } = await host.run(['why', 'web']);
    expect(text).toContain(`the link ${at('shared/app.log')} belongs to another user`);
    expect(readFileSync(at('victim'), 'utf8')).toBe('untouched');
  });
});
