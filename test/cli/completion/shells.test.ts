import { execFile } from 'node:child_process';
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BIN, Host } from '../../support/host.ts';

const host = new Host();
const bin = join(host.folder, 'bin');

beforeAll(async () => {
  mkdirSync(bin);
  for (const name of ['stateward', 'stw']) symlinkSync(BIN, join(bin, name));
  host.write('web.js', 'setInterval(() => undefined, 1e6)');
  host.write(
    'ecosystem.yaml',
    'project: shop\napps:\n  - name: web\n    script: ./web.js\n    instances: 2\n    exec_mode: fork\n    labels: { tier: web, zone: eu }\n    env_staging: { A: 1 }\n',
  );
  host.write('other/apps.json', '{}');
  await host.ok('apply');
  await host.ok(
    'source',
    'add',
    'site',
    '--follow',
    host.write('site.yaml', 'project: site\napps: []\n'),
    '--sync',
    'manual',
  );
  const command = [process.execPath, '--version'];
  host.write('notify.yaml', JSON.stringify({ receivers: [{ name: 'ops', exec: { command } }] }));
  await host.ok('notify', 'apply', '-f', 'notify.yaml');
}, 60_000);
afterAll(() => host[Symbol.asyncDispose]());

async function sh(program: string, args: readonly string[], line: string): Promise<readonly string[]> {
  const env = {
    PATH: `${bin}:${process.env['PATH'] ?? ''}`,
    HOME: host.folder,
    STATEWARD_HOME: host.home,
    LINE: line,
  };
  const { stdout } = await promisify(execFile)(program, args, { cwd: host.folder, env });
  return stdout
    .split('\n')
    .map((text) => text.split('\t', 1)[0] ?? '')
    .filter((text) => text !== '')
    .sort();
}

/** Asks the real shell what it would offer at the end of a line. */
const SHELLS = {
  // Readline cuts the line into COMP_WORDS; `compgen -A function` alone would not.
  bash: (line: string) =>
    sh(
      'bash',
      [
        '--norc',
        '-c',
        `eval "$(stateward completion bash)"
         complete -p stateward stw >/dev/null || exit 1
         mapfile -t COMP_WORDS < <(sed 's/[:=]/\\n&\\n/g; s/ /\\n/g' <<< "$LINE")
         COMP_CWORD=$(( \${#COMP_WORDS[@]} - 1 ))
         _stateward "\${COMP_WORDS[0]}"; printf '%s\\n' "\${COMPREPLY[@]}"`,
      ],
      line,
    ),
  zsh: (line: string) =>
    sh(
      'zsh',
      [
        '-f',
        '-c',
        `compdef() { :; }; source <(stateward completion zsh)
         compadd() { [[ "$1" == -l ]] && print -rl -- $values || print -rl -- $folders; }
         words=("\${(@s: :)LINE}"); CURRENT=\${#words}
         _stateward`,
      ],
      line,
    ),
  fish: (line: string) =>
    sh('fish', ['--no-config', '-c', 'stateward completion fish | source; complete -C "$LINE"'], line),
} as const;

type Shell = keyof typeof SHELLS;

function isHere(shell: Shell): boolean {
  return (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, shell)));
}

describe.each(Object.keys(SHELLS) as Shell[])('completion in %s', (shell) => {
  const why = isHere(shell) ? '' : ` (skipped: there is no ${shell} here)`;
  const ask = SHELLS[shell];
  /** In bash, what stands before the last `:` or `=` of a word is not repeated. */
  const whole = shell !== 'bash';

  it.skipIf(!isHere(shell)).each([
    ['stateward resta', ['restart']],
    ['stw resta', ['restart']],
    ['stateward restart w', ['web']],
    ['stateward restart shop/', ['shop/web']],
    ['stateward restart web:', whole ? ['web:0', 'web:1'] : ['0', '1']],
    ['stateward restart web:1', whole ? ['web:1'] : ['1']],
    ['stateward restart web a', ['all']],
    ['stateward rollback s', ['shop']],
    ['stateward restart -l ti', ['tier=web']],
    ['stateward get -n de', ['default']],
    ['stateward apply --env s', ['staging']],
    ['stateward apply -f eco', ['ecosystem.yaml']],
    ['stateward apply -f o', ['other/']],
    ['stateward validate -f other/', ['other/apps.json']],
    ['stateward get -o js', ['json']],
    ['stateward get --output=js', whole ? ['--output=json'] : ['json']],
    ['stateward daemon stat', ['status']],
    ['stateward signal USR', ['USR1', 'USR2']],
    ['stateward apply --dry', ['--dry-run']],
    ['stateward env explain w', ['web']],
    // There is ecosystem.yaml, which is no app, and no file is a variable.
    ['stateward env explain eco', []],
    ['stateward env explain web ', []],
    ['stateward source sync s', ['site']],
    ['stateward source add s', []],
    ['stateward notify describe ', ['ops']],
    ['stateward config set limits.b', ['limits.builds']],
    ['stateward get nothing-of-this-name', []],
  ])(`offers at the end of %j: %j${why}`, async (line, offered) => {
    expect(await ask(line)).toEqual(offered);
  });
});

describe('completion install', () => {
  it.each([
    ['bash', '.local/share/stateward/completion.bash', '.bashrc'],
    ['zsh', '.local/share/stateward/completion.zsh', '.zshrc'],
    ['fish', '.config/fish/completions/stateward.fish', null],
  ])('of %s is done once however often it is asked for, and taken back', async (shell, script, rc) => {
    const home = join(host.folder, `home-${shell}`);
    mkdirSync(home);
    const before = 'export A=1';
    if (rc !== null) host.write(`home-${shell}/${rc}`, before);
    const env = {
      HOME: home,
      SHELL: `/usr/bin/${shell}`,
      XDG_DATA_HOME: '',
      XDG_CONFIG_HOME: '',
      ZDOTDIR: '',
    };
    for (const words of [['install'], ['install', shell]]) {
      expect(await host.run(['completion', ...words], { env })).toMatchObject({ code: 0, stdout: '' });
    }
    const printed = (await host.run(['completion'], { env })).stdout;
    expect(readFileSync(join(home, script), 'utf8')).toBe(printed);
    if (rc !== null) {
      const lines = readFileSync(join(home, rc), 'utf8').split('\n');
      expect(lines.filter((line) => line.includes(script))).toHaveLength(1);
      expect(lines[0]).toBe(before);
    }
    expect(await host.run(['completion', 'uninstall'], { env })).toMatchObject({ code: 0 });
    expect(existsSync(join(home, script))).toBe(false);
    if (rc !== null) expect(readFileSync(join(home, rc), 'utf8')).toBe(`${before}\n`);
  });

  it('says what it cannot write, and what else there is', async () => {
    host.write('home-file/.local', 'a file where a folder would be');
    const env = { HOME: join(host.folder, 'home-file'), XDG_DATA_HOME: '' };
    const ran = await host.run(['completion', 'install', 'bash'], { env });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('/home-file/.local/share/stateward/completion.bash: ');
    expect(ran.stderr).toContain('help: stateward completion bash prints the script');
  });

  it('leaves the link to a file of the shell a link, and its mode, when it is taken back', async () => {
    const home = join(host.folder, 'home-link');
    const real = host.write('home-link/dotfiles/bashrc', 'export A=1\n');
    chmodSync(real, 0o640);
    symlinkSync(real, join(home, '.bashrc'));
    const env = { HOME: home, XDG_DATA_HOME: '' };
    await host.run(['completion', 'install', 'bash'], { env });
    expect(readFileSync(real, 'utf8')).toContain('# stateward completion');
    expect((await host.run(['completion', 'uninstall', 'bash'], { env })).code).toBe(0);
    expect(readFileSync(real, 'utf8')).toBe('export A=1\n');
    expect(lstatSync(join(home, '.bashrc')).isSymbolicLink()).toBe(true);
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  it('names the shells there are for any other', async () => {
    const ran = await host.run(['completion', 'tcsh']);
    expect(ran.code).toBe(64);
    expect(ran.stderr).toContain('there is no completion for tcsh');
    expect((await host.run(['completion'], { env: { SHELL: '' } })).code).toBe(64);
  });
});

describe('what completion asks', () => {
  it('starts no daemon, and offers commands and files without one', async () => {
    const home = join(host.folder, 'no-home');
    const env = { STATEWARD_HOME: home };
    const ran = await host.run(['__complete', 'zsh', 'restart', ''], { env });
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    expect(ran.stdout).toContain('ecosystem.yaml\t');
    expect(existsSync(home)).toBe(false);
  });

  it('says nothing about what it cannot read', async () => {
    expect(await host.run(['__complete'])).toMatchObject({ code: 0, stderr: '' });
    expect(await host.run(['__complete', 'bash'])).toMatchObject({ code: 0, stderr: '' });
  });
});
