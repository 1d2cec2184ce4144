import { describe, expect, it } from 'vitest';
import { failureAnnotations, renderAnnotations } from '../../../src/cli/ci/annotations.ts';
import type { Failure } from '../../../src/lib/failure.ts';

const FOLDERS = { workspace: '/ci/shop', cwd: '/ci/shop/deploy' };

function line(failure: Partial<Failure>, folders = FOLDERS): string {
  const whole: Failure = { code: 'CONFIG_BAD_VALUE', message: 'wrong', ...failure };
  return renderAnnotations(failureAnnotations([whole], 'error'), folders);
}

describe('annotations of GitHub', () => {
  it.each([
    ['100%', '100%25'],
    ['a\nb', 'a%0Ab'],
    ['a\r\nb', 'a\\x0d%0Ab'],
    ['::warning::x', '::warning::x'],
    ['a,b: c', 'a,b: c'],
    ['%0A::error::x', '%250A::error::x'],
    ['\u001b[31mred', '\\x1b[31mred'],
  ])('keep the message %j on one line', (message, shown) => {
    expect(line({ message })).toBe(`::error title=stateward%3A CONFIG_BAD_VALUE::${shown}\n`);
  });

  it.each([
    ['ecosystem.yaml', 'deploy/ecosystem.yaml'],
    ['../ecosystem.yaml', 'ecosystem.yaml'],
    ['/ci/shop/a,b:c%.yaml', 'a%2Cb%3Ac%25.yaml'],
    ['/elsewhere/ecosystem.yaml', '/elsewhere/ecosystem.yaml'],
  ])('name the file %j by its path in the repository', (file, shown) => {
    expect(line({ position: { file, line: 3, column: 7 } })).toContain(`::error file=${shown},line=3,col=7,`);
  });

  it('name no line that is not known', () => {
    expect(line({ position: { file: 'a.yaml' } })).toContain('::error file=deploy/a.yaml,title=');
  });

  it('leave paths alone where no workspace is named', () => {
    const folders = { workspace: '', cwd: '/ci' };
    expect(
      renderAnnotations([{ level: 'notice', title: 't', message: 'm', position: { file: 'a' } }], folders),
    ).toBe('::notice file=a,title=t::m\n');
  });

  it('have the way out, and no secret', () => {
    const said = line({ message: 'TOKEN=hunter2hunter2 is wrong', hint: 'write another', details: ['one'] });
    expect(said).toContain('%0Aone%0Ahelp: write another');
    expect(said).not.toContain('hunter2');
  });
});
