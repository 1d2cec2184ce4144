import { describe, expect, it } from 'vitest';
import { Host } from '../../support/host.ts';

const SECRET = 's3cret-0042';
const OTHER = 'an0ther-0043';
const TOKEN = `ghp_${'aB3d'.repeat(9)}`;

/** An app that tells its secrets wherever it can, and never gets ready. */
function indiscreet(secret: string): Record<string, unknown> {
  return {
    name: 'loud',
    script: `echo "got $PIN and $SESSION"; run --password ${secret} http://u:${secret}@h/?token=${secret}; sleep 1000`,
    secrets: ['PIN'],
    env: { PIN: secret, SESSION: secret, ANY: TOKEN },
    readiness: {
      exec: { command: ['sh', '-c', 'echo "no answer for $PIN"; exit 1'] },
      period: 100,
      timeout: 5000,
    },
    listen_timeout: 500,
  };
}

const CRASHING = { name: 'crash', script: 'echo "it is $TOKEN" >&2; exit 1', env: { TOKEN: SECRET } };

describe('a secret', () => {
  it('is in no output but the log of the app itself and what is asked for with --show-secrets', async () => {
    await using host = new Host();
    host.declare(indiscreet(SECRET), CRASHING);
    const texts: string[] = [];
    const run = async (...args: string[]): Promise<void> => {
      const { stdout, stderr } = await host.run(args);
      texts.push(`${args.join(' ')}\n${stdout}\n${stderr}`);
    };
    await run('plan');
    await run('plan', '-o', 'json');
    await run('apply', '--timeout', '5s');
    for (const verb of ['get', 'describe', 'why', 'events', 'history']) {
      for (const app of verb === 'get' || verb === 'events' ? [''] : ['loud', 'crash']) {
        const args = app === '' ? [verb] : [verb, app];
        await run(...args);
        await run(...args, '-o', 'json');
      }
    }
    await run('get', '-o', 'yaml');
    host.declare(indiscreet(OTHER), CRASHING);
    await run('diff');
    await run('plan');
    await run('plan', '-o', 'json');
    for (const text of texts) {
      expect(text).not.toContain(SECRET);
      expect(text).not.toContain(OTHER);
      expect(text).not.toContain(TOKEN);
    }
    // It was there to be told, and that it has changed is told.
    expect(texts.join('')).toContain('no answer for <redacted>');
    expect(texts.join('')).toContain('it is <redacted>');
    expect(texts.at(-2)).toContain('env.PIN: "<redacted>" (changed)');
    expect((await host.ok('logs', 'crash')).stdout).toContain(`it is ${SECRET}`);
    expect((await host.ok('get', '-o', 'yaml', '--show-secrets')).stdout).toContain(SECRET);
  }, 60_000);
});

describe('a shell line', () => {
  it('runs in bash, with the variables of the app and not those of the command', async () => {
    await using host = new Host();
    host.declare({
      name: 'line',
      script: '[[ 1 == 1 ]] && echo "bash ${BASH_VERSION%%.*} ${HI} ${NOBODY:-nobody} E=$E" && sleep 1000',
      env: { HI: 'app', E: '1.10' },
    });
    await host.ok('apply');
    expect((await host.ok('logs', 'line')).stdout).toMatch(/bash \d+ app nobody E=1\.10/);
    const plan = await host.run(['plan', '--detailed-exitcode'], { env: { HI: 'caller', NOBODY: 'me' } });
    expect(plan.code).toBe(0);
  }, 60_000);
});
