import { chmodSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { notesRef, withWord, wordsIn, type HostWord } from '../../../src/sources/model/host-word.ts';
import { Mirror } from '../support/mirror.ts';
import { Upstream } from '../support/upstream.ts';
import { containing } from '../support/containing.ts';

const REF = notesRef('shop');
const word = (host: string, result: HostWord['result'] = 'good', at = 1_000): HostWord => ({
  host,
  result,
  at,
});

describe('words of hosts in a note', () => {
  it('keep what others have written there, and are replaced by a newer one of the same host', () => {
    const first = withWord('by hand\n', word('web-1'));
    const both = withWord(first, { ...word('web-2', 'failed'), message: 'Built: no\u001b[31m' });
    expect(wordsIn(both)).toEqual([word('web-1'), { ...word('web-2', 'failed'), message: 'Built: no [31m' }]);
    expect(both.split('\n')[0]).toBe('by hand');
    const again = withWord(both, word('web-2', 'good', 2_000));
    expect(wordsIn(again)).toEqual([word('web-1'), word('web-2', 'good', 2_000)]);
    // What was said already is not said again.
    expect(withWord(again, word('web-1', 'good', 9_000))).toBe(again);
  });

  it('are nothing else than what a host can have said', () => {
    const lines = [
      '{"host":"web-1","result":"good"}',
      '{"host":"web-1","result":"great","at":"2026-01-01T00:00:00Z"}',
      '{"host":7,"result":"good","at":"2026-01-01T00:00:00Z"}',
      '{"host":"web-1","result":"good","at":"soon"}',
      '["web-1"]',
      'null',
      '{',
      '',
    ];
    expect(wordsIn(lines.join('\n'))).toEqual([]);
    const newer = '{"host":"a","result":"failed","at":"2026-01-02T00:00:00Z"}';
    const older = '{"host":"a","result":"good","at":"2026-01-01T00:00:00Z"}';
    expect(wordsIn(`${newer}\n${older}`)).toMatchObject([{ result: 'failed' }]);
  });

  it('have a ref of their own, whatever the source is called', () => {
    expect(notesRef('a.b')).toBe('refs/notes/stateward/a.b');
    expect(notesRef('a..b.lock')).toBe('refs/notes/stateward/a--b-lock');
  });
});

describe('a note of a commit', () => {
  it('is seen by others, and nobody loses what another one has written at the same time', async () => {
    using upstream = new Upstream();
    const commit = upstream.commit({ 'a.txt': '1' });
    using one = new Mirror(upstream.url);
    using other = new Mirror(upstream.url);
    for (const mirror of [one, other]) await mirror.take();
    expect(await one.repository.readNote({ commit, ref: REF })).toEqual({ ok: true, value: '' });
    const hosts = ['web-1', 'web-2', 'web-3', 'web-4'];
    const said = await Promise.all(
      hosts.map((host, index) =>
        (index % 2 === 0 ? one : other).repository.writeNote({
          ...{ commit, ref: REF, by: host },
          edit: (text) => withWord(text, word(host)),
        }),
      ),
    );
    expect(said.map(({ ok }) => ok)).toEqual([true, true, true, true]);
    const read = await one.repository.readNote({ commit, ref: REF });
    const found = read.ok ? wordsIn(read.value).map(({ host }) => host) : [];
    expect([...found].sort()).toEqual(hosts);
    expect(upstream.git(['log', '--format=%an', '-1', REF])).toMatch(/^stateward on web-\d$/);
    // A branch is as it was, and what is here follows when the ref is removed there.
    expect(upstream.at('main')).toBe(commit);
    upstream.git(['update-ref', '-d', REF]);
    expect(await one.repository.readNote({ commit, ref: REF })).toEqual({ ok: true, value: '' });
  });

  it('is told of when it cannot be pushed, with the way out', async () => {
    using upstream = new Upstream();
    const commit = upstream.commit({ 'a.txt': '1' });
    using mirror = new Mirror(upstream.url);
    await mirror.take();
    const hook = join(upstream.dir, 'hooks/update');
    mkdirSync(join(upstream.dir, 'hooks'), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "no notes here" >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    const request = { commit, ref: REF, by: 'web-1', edit: (text: string) => withWord(text, word('web-1')) };
    const refused = await mirror.repository.writeNote(request);
    expect(refused).toMatchObject({
      ok: false,
      error: {
        code: 'NOTE_NOT_PUSHED',
        message: containing(/^cannot push .* to .*: the server refuses it$/),
        hint: containing('the right to push'),
      },
    });
    expect(JSON.stringify(refused)).toContain('no notes here');
    renameSync(upstream.dir, `${upstream.dir}.away`);
    expect(await mirror.repository.writeNote(request)).toMatchObject({ error: { code: 'NOTE_NOT_PUSHED' } });
    expect(await mirror.repository.readNote(request)).toMatchObject({ error: { code: 'FETCH_FAILED' } });
    renameSync(`${upstream.dir}.away`, upstream.dir);
    // What was not pushed is not taken for said.
    expect(await mirror.repository.readNote(request)).toEqual({ ok: true, value: '' });
    writeFileSync(hook, '#!/bin/sh\nexit 0\n');
    // What cannot be read is not written over.
    upstream.git(['notes', `--ref=${REF}`, 'add', '-F', '-', commit], { input: 'x'.repeat(2 * 1024 * 1024) });
    const large = upstream.at(REF);
    expect(await mirror.repository.readNote(request)).toEqual({ ok: true, value: '' });
    expect(await mirror.repository.writeNote(request)).toMatchObject({
      error: { code: 'NOTE_NOT_PUSHED', hint: containing(`remove ${commit}`) },
    });
    expect(upstream.at(REF)).toBe(large);
    upstream.git(['update-ref', '-d', REF]);
    expect(await mirror.repository.writeNote(request)).toEqual({ ok: true, value: undefined });
  });
});
