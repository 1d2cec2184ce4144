import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const PROGRAM = fileURLToPath(new URL('../../../src/runner/terminal/terminal.pl', import.meta.url));
const hasPerl = spawnSync('perl', ['-v']).status === 0;

function numbersOf(processor: string): string {
  const ask =
    'require shift; my $n = eval { numbers(shift) } or print($@), exit; printf "%s %x\\n", $_, $n->{$_} for sort keys %$n';
  return execFileSync('perl', ['-e', ask, PROGRAM, processor], { encoding: 'utf8' });
}

/** As the kernel's headers have them (asm/ioctls.h of each). */
const usual = 'TIOCGPGRP 540f\nTIOCGPTN 80045430\nTIOCSCTTY 540e\nTIOCSPTLCK 40045431\nTIOCSWINSZ 5414\n';
const directed = (take: string): string =>
  `TIOCGPGRP 40047477\nTIOCGPTN 40045430\nTIOCSCTTY ${take}\nTIOCSPTLCK 80045431\nTIOCSWINSZ 80087467\n`;

describe.runIf(hasPerl)('the numbers of ioctl(2) for terminals', () => {
  it.each([
    ['x86_64-linux-gnu-thread-multi', usual],
    ['aarch64-linux-gnu-thread-multi', usual],
    ['riscv64-linux-gnu-thread-multi', usual],
    ['s390x-linux-gnu-thread-multi', usual],
    ['powerpc64le-linux-gnu-thread-multi', directed('540e')],
    ['ppc64le-linux-thread-multi', directed('540e')],
    ['mips64el-linux-gnuabi64-thread-multi', directed('5480')],
  ])('are those of %s', (processor, numbers) => {
    expect(numbersOf(processor)).toBe(numbers);
  });

  it('are not guessed where they are not known', () => {
    expect(numbersOf('sparc64-linux-gnu-thread-multi')).toBe(
      'an app cannot have a terminal on this processor (sparc64-linux-gnu-thread-multi): its numbers of ioctl(2) are not known here\n',
    );
  });
});
