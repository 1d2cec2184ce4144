import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { resolveSource } from '../../../src/controller/secrets/resolve-source.ts';
import type { VariableSource } from '../../../src/spec/secrets/variable-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'stw-sources-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string | Buffer, mode = 0o600): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

mkdirSync(join(folder, 'creds'));
file('creds/db', 'of systemd\n');
file(
  'sops',
  `#!/bin/sh\n[ "$1 $2" = "--decrypt --extract" ] && printf '%s' "$3" && exit\nprintf 'whole %s' "$2"\n`,
  0o755,
);
const context = {
  environment: { TOKEN: 'of the daemon', EMPTY: '', CREDENTIALS_DIRECTORY: join(folder, 'creds') },
  baseEnv: { PATH: `${folder}:${process.env['PATH'] ?? ''}` },
};

function resolve(source: VariableSource) {
  return resolveSource(source, folder, context);
}

describe('the value of a variable from elsewhere', () => {
  const sops = file('values.yaml', 'encrypted');
  it.each<[string, VariableSource, string]>([
    ['a file, without its last newline alone', { from_file: file('a', 'one\ntwo\n\n') }, 'one\ntwo\n'],
    ['a file of Windows', { from_file: file('crlf', 'one\r\n') }, 'one'],
    [
      'a program, run where the app runs',
      { from_exec: ['sh', '-c', 'basename "$PWD"'] },
      folder.split('/').at(-1) ?? '',
    ],
    ['the environment of the daemon', { from_env: 'TOKEN' }, 'of the daemon'],
    ['a credential of systemd', { from_credential: 'db' }, 'of systemd'],
    ['one value of sops', { from_sops: sops, key: 'db.0.password' }, '["db"][0]["password"]'],
    ['all of a file of sops', { from_sops: sops }, `whole ${sops}`],
    ['the default, where there is no file', { from_file: join(folder, 'none'), default: 'x' }, 'x'],
    ['the default, where the variable is empty', { from_env: 'EMPTY', default: '' }, ''],
  ])('is that of %s', async (_, source, value) => {
    expect(await resolve(source)).toEqual({ kind: 'value', value });
  });

  it.each<[string, VariableSource, string, string]>([
    ['a file that is not there', { from_file: join(folder, 'none') }, 'absent', 'there is no file'],
    ['an empty file, which is being written', { from_file: file('empty', '\n') }, 'absent', 'it is empty'],
    ['a variable that is not set', { from_env: 'NOPE' }, 'absent', 'the daemon has no variable NOPE'],
    ['a credential that is not loaded', { from_credential: 'x' }, 'absent', 'LoadCredential=x:PATH'],
    ['a folder', { from_file: folder, default: 'x' }, 'failed', 'is not a file'],
    ['a device without an end', { from_file: '/dev/zero' }, 'failed', 'is not a file'],
    ['a file that is too large', { from_file: file('big', 'x'.repeat(70_000)) }, 'failed', '64 KiB'],
    ['bytes that are no text', { from_file: file('bytes', Buffer.from([255, 254])) }, 'failed', 'UTF-8'],
    ['a NUL byte', { from_file: file('nul', 'a\0b') }, 'failed', 'NUL'],
    ['a program that is not there', { from_exec: ['no-such-program'] }, 'failed', 'is not there'],
    ['a program that prints without end', { from_exec: ['yes'] }, 'failed', 'more than 64 KiB'],
  ])('is not had of %s', async (_, source, kind, message) => {
    const read = await resolve(source);
    expect(read.kind).toBe(kind);
    expect(read.kind === 'value' ? '' : read.message).toContain(message);
  });

  it('is in no message of a program that fails', async () => {
    const read = await resolve({ from_exec: ['sh', '-c', 'echo hunter2 >&2; echo hunter2; exit 3'] });
    expect(read).toEqual({ kind: 'failed', message: 'sh ended with code 3: run it by hand' });
  });
});
