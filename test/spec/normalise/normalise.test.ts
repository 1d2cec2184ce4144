import { describe, expect, it } from 'vitest';
import { normalise } from '../../../src/spec/normalise/normalise.ts';
import { contextWith, FILE, MISSING, specOf } from '../support/context.ts';

describe('names and paths', () => {
  it('names an app after its script', () => {
    expect(specOf({ script: './src/api.server.js' }).name).toBe('api.server');
    expect(specOf({ script: 'npm', args: 'start' }).name).toBe('npm');
    expect(specOf({ script: 'python worker.py --once' }).name).toBe('python');
  });

  it('resolves cwd from the folder of the file, and script and log files from cwd', () => {
    const spec = specOf({ cwd: 'packages/api', out_file: 'logs/out.log', error_file: '~/err.log' });
    expect(spec).toMatchObject({
      cwd: '/srv/shop/packages/api',
      script: '/srv/shop/packages/api/api.js',
      out_file: '/srv/shop/packages/api/logs/out.log',
      error_file: '/home/me/err.log',
    });
  });

  it.each(['NULL', '/dev/null'])('takes %s for a log file that nobody wants', (out_file) => {
    expect(specOf({ out_file }).out_file).toBe('/dev/null');
  });

  it('appends the name of the environment only when asked to', () => {
    const context = contextWith({ envName: 'production' });
    expect(specOf({ name: 'api', append_env_to_name: true }, context).name).toBe('api-production');
    expect(specOf({ name: 'api' }, context).name).toBe('api');
  });
});

describe('what processes have of the host', () => {
  it('is in one form, however it is written', () => {
    const { ionice, rlimits, cpu_affinity } = specOf({
      ionice: { class: 'best-effort', priority: 7 },
      rlimits: {
        nofile: 65536,
        core: '0:infinity',
        as: '1G:2G',
        nproc: { soft: 1, hard: 'unlimited' },
        stack: '8M',
      },
      cpu_affinity: [3, 0, 3],
    });
    expect(ionice).toBe('best-effort:7');
    expect(rlimits).toEqual({
      nofile: '65536',
      core: '0:unlimited',
      as: '1073741824:2147483648',
      nproc: '1:unlimited',
      stack: '8388608',
    });
    expect(cpu_affinity).toBe('0,3');
    expect(specOf({ rlimits: {} }).rlimits).toBeNull();
  });
});

describe('limits', () => {
  it('reads units and numbers that are written as text', () => {
    expect(specOf({ limits: { memory: '256M', cpu: '0.5' } }).limits).toEqual({
      memory: 256 * 1024 * 1024,
      cpu: 0.5,
      pids: null,
    });
  });

  it.each([undefined, {}, { memory: 0 }])('are none when %j is declared', (limits) => {
    expect(specOf(limits === undefined ? {} : { limits }).limits).toBeNull();
  });
});

describe('what runs', () => {
  it.each([
    ['a.js', 'node'],
    ['a.mjs', 'node'],
    ['a.ts', 'node'],
    ['a.py', 'python3'],
    ['a.sh', 'bash'],
    ['a.rb', 'ruby'],
    ['a.php', 'php'],
    ['a.pl', 'perl'],
  ])('runs %s with %s', (script, interpreter) => {
    expect(specOf({ script }).interpreter).toBe(interpreter);
  });

  it('runs a bare word that names no file as a command', () => {
    expect(specOf({ script: 'npm', args: 'run start' })).toMatchObject({
      script: 'npm',
      interpreter: 'none',
      args: ['run', 'start'],
      shell: false,
    });
  });

  it('runs a text with blanks that names no file in a shell', () => {
    expect(specOf({ script: 'FOO=1 python worker.py | tee x' })).toMatchObject({
      script: 'FOO=1 python worker.py | tee x',
      shell: true,
      interpreter: '/bin/bash',
    });
  });

  it.each([
    [{ shell: '/bin/zsh' }, '/bin/zsh', []],
    [{ shell: 'dash' }, 'dash', []],
    [{ shell: './tools/mysh' }, '/srv/shop/tools/mysh', []],
    [{ interpreter: 'bash' }, 'bash', []],
    [{ interpreter: 'zsh', interpreter_args: '-e -c' }, 'zsh', ['-e']],
    [{ shell: 'true' }, '/bin/bash', []],
  ])('runs a shell line with %j in %s', (app, interpreter, interpreter_args) => {
    expect(specOf({ script: '[[ 1 == 1 ]] && a', ...app })).toMatchObject({
      shell: true,
      interpreter,
      interpreter_args,
    });
  });

  it('runs a shell line with /bin/sh where there is no bash, and says so', () => {
    const context = contextWith({ files: { '/bin/bash': MISSING } });
    const { spec, notes } = normalise({ script: 'a && b' }, context);
    expect(spec.interpreter).toBe('/bin/sh');
    expect(notes).toMatchObject([
      { level: 'warning', message: expect.stringContaining('no bash') as string },
    ]);
    expect(normalise({ script: 'a && b', shell: '/bin/sh' }, context).notes).toEqual([]);
  });

  it('names a shell line after its program, and not after a variable before it', () => {
    expect(specOf({ script: 'TOKEN=s3cret A=1 python worker.py' }).name).toBe('python');
    expect(specOf({ script: 'A=1 B=2' }).name).toBe('A=1');
  });

  it('finds a bash that is on PATH alone', () => {
    const files = { '/bin/bash': MISSING, '/nix/bin/bash': FILE };
    const context = contextWith({ files, environment: { PATH: '/nix/bin:/x' } });
    expect(specOf({ script: 'a && b' }, context).interpreter).toBe('/nix/bin/bash');
  });

  it('says that an interpreter which is not a shell, and arguments for it, mean nothing to a shell line', () => {
    const { spec, notes } = normalise(
      { script: 'server.js --port 1', interpreter: 'node', interpreter_args: '--inspect' },
      contextWith(),
    );
    expect(spec).toMatchObject({ shell: true, interpreter: '/bin/bash', interpreter_args: [] });
    expect(notes.map(({ path }) => path)).toEqual([['interpreter'], ['interpreter_args']]);
  });

  it.each(['yes', 'on', '1'])('takes no %s for a shell', (shell) => {
    expect(normalise({ script: 'a b', shell }, contextWith()).notes).toMatchObject([
      { level: 'error', code: 'CONFIG_BAD_VALUE', path: ['shell'] },
    ]);
  });

  it('names the variables of a shell line that the command has and the app has not', () => {
    const environment = { HI: 'caller', OUR: 'x', SHLVL: '1', PATH: '/bin', N: '1' };
    const context = contextWith({ environment });
    const notesOf = (app: object) => normalise({ script: 'echo ${HI}', ...app }, context).notes;
    expect(notesOf({})).toMatchObject([
      { level: 'warning', code: 'CONFIG_UNSET_VARIABLE', message: expect.stringContaining('HI') as string },
    ]);
    expect(notesOf({ env: { HI: 'app' } })).toEqual([]);
    expect(notesOf({ inherit_env: ['HI'] })).toEqual([]);
    expect(notesOf({ script: 'HI=1; for N in 1 2; do echo $HI $N $SHLVL $PATH $NOTHING; done' })).toEqual([]);
  });

  it('runs a file whose name has blanks as a file', () => {
    const context = contextWith({ files: { '/srv/shop/my app.js': FILE } });
    expect(specOf({ script: 'my app.js' }, context)).toMatchObject({
      script: '/srv/shop/my app.js',
      shell: false,
      name: 'my app',
    });
  });

  it('looks into a file without an extension', () => {
    const files = {
      '/srv/shop/next': { ...FILE, shebang: '/usr/bin/env node' },
      '/srv/shop/tool': { ...FILE, shebang: '/bin/sh', executable: true },
      '/srv/shop/server': { ...FILE, binary: true, executable: true },
      '/srv/shop/text': FILE,
    };
    const run = (script: string) => specOf({ script }, contextWith({ files })).interpreter;
    expect([run('next'), run('./tool'), run('server'), run('text')]).toEqual([
      'node',
      'none',
      'none',
      'node',
    ]);
  });

  it('refuses a file that would be run itself and may not be', () => {
    const files = { '/srv/shop/server': { ...FILE, binary: true } };
    const { notes } = normalise({ script: './server' }, contextWith({ files }));
    expect(notes).toMatchObject([{ level: 'error', code: 'CONFIG_SCRIPT_NOT_FOUND', path: ['script'] }]);
  });

  it('runs a folder with a package.json in Node', () => {
    const files = { '/srv/shop': { ...MISSING, kind: 'folder' as const }, '/srv/shop/package.json': FILE };
    const result = normalise({ script: '.' }, contextWith({ files }));
    expect(result.notes).toEqual([]);
    expect(result.spec).toMatchObject({ script: '/srv/shop', interpreter: 'node', name: 'shop' });
  });

  it('says that it installs no versions of Node', () => {
    const { notes } = normalise({ script: 'a.js', interpreter: 'node@18' }, contextWith());
    expect(notes).toMatchObject([{ level: 'error', code: 'CONFIG_BAD_VALUE' }]);
  });

  it('splits arguments on blanks and quotes', () => {
    expect(specOf({ args: `start -- "two words" --x='a b' c\\ d ""` }).args).toEqual([
      'start',
      '--',
      'two words',
      '--x=a b',
      'c d',
      '',
    ]);
    expect(specOf({ args: '', interpreter_args: [] })).toMatchObject({ args: [], interpreter_args: [] });
    expect(specOf({ args: ['a b', 3000] }).args).toEqual(['a b', '3000']);
  });
});

describe('instances and mode', () => {
  it.each([
    [undefined, 1],
    [3, 3],
    ['3', 3],
    ['max', 4],
    [0, 4],
    [-1, 3],
    [-9, 1],
  ])('resolves %s on four processors to %d', (instances, count) => {
    expect(specOf(instances === undefined ? {} : { instances }).instances).toBe(count);
  });

  it('means cluster when a Node script has instances and no mode', () => {
    expect(specOf({ instances: 1 }).exec_mode).toBe('cluster');
    expect(specOf({ instances: 2, exec_mode: 'fork_mode' }).exec_mode).toBe('fork');
    expect(specOf({ script: 'a.py', instances: 2 }).exec_mode).toBe('fork');
    expect(specOf({}).exec_mode).toBe('fork');
  });

  it('runs npm in fork mode, and says so', () => {
    const { spec, notes } = normalise({ script: 'npm', args: 'start', instances: 2 }, contextWith());
    expect(spec.exec_mode).toBe('fork');
    expect(notes).toMatchObject([{ level: 'warning', code: 'CONFIG_NO_EFFECT', path: ['instances'] }]);
  });

  it.each([
    [{ size: '10M', max_total: '5M' }, [{ level: 'warning', path: ['log_rotate', 'max_total'] }]],
    [{ size: '10M', max_total: '50M', max_age: '14d' }, []],
  ])('says of log_rotate %j where its bound cannot hold', (log_rotate, notes) => {
    expect(normalise({ script: 'a.js', log_rotate }, contextWith()).notes).toMatchObject(notes);
  });

  it.each(['node', 'nodejs', '/usr/local/bin/node22'])('clusters what %s runs', (interpreter) => {
    const { spec, notes } = normalise({ script: 'a.js', interpreter, instances: 2 }, contextWith());
    expect({ mode: spec.exec_mode, notes }).toEqual({ mode: 'cluster', notes: [] });
  });

  it.each([
    [{ exec_mode: 'cluster' as const }, 'exec_mode'],
    [{ instances: 2 }, 'instances'],
  ])('runs %j in fork mode without the agent, and says so', (app, field) => {
    const { spec, notes } = normalise({ script: 'a.js', agent: false, ...app }, contextWith());
    expect(spec.exec_mode).toBe('fork');
    expect(notes).toMatchObject([{ level: 'warning', code: 'CONFIG_NO_EFFECT', path: [field] }]);
    expect(notes[0]?.message).toContain('through the agent');
  });

  it('leaves an instance without the agent in fork mode where nobody asked for sockets to share', () => {
    expect(normalise({ script: 'a.js', agent: false, instances: 1 }, contextWith()).notes).toEqual([]);
  });

  it.each([{ script: 'a.py' }, { script: 'a.js', agent: false }, { script: 'a b c', shell: true }])(
    'says of %j that no message reaches it',
    (app) => {
      const { notes } = normalise({ ...app, shutdown_with_message: true, wait_ready: true }, contextWith());
      expect(notes).toMatchObject([
        { level: 'warning', code: 'CONFIG_NO_EFFECT', path: ['shutdown_with_message'] },
        { level: 'warning', code: 'CONFIG_NO_EFFECT', path: ['wait_ready'] },
      ]);
    },
  );

  it('takes messages to a Node app as they are meant', () => {
    const app = { script: 'a.js', shutdown_with_message: true, wait_ready: true };
    expect(normalise(app, contextWith()).notes).toEqual([]);
  });

  it('keeps one log file for a single fork, and one for each of several instances', () => {
    expect(specOf({}).merge_logs).toBe(true);
    expect(specOf({ instances: 2 }).merge_logs).toBe(false);
    expect(specOf({ instances: 2, merge_logs: true }).merge_logs).toBe(true);
  });
});

describe('environment', () => {
  it('merges inherit_env, env_file, env and env_<name>, in this order', () => {
    const context = contextWith({
      envName: 'production',
      environment: { A: 'inherited', B: 'inherited', C: 'inherited', D: 'inherited', SECRET: 'no' },
      envFile: { B: 'file', C: 'file', D: 'file' },
    });
    const env = { C: 'env', D: 'env' };
    const spec = specOf(
      { inherit_env: ['A', 'B', 'C', 'D', 'UNSET'], env, env_production: { D: 'overlay' } },
      context,
    );
    expect(spec.env).toEqual({ A: 'inherited', B: 'file', C: 'env', D: 'overlay' });
  });

  it('turns numbers, booleans and objects into text and drops null', () => {
    const env = { N: 3000, B: false, O: { a: [1] }, NONE: null, EMPTY: '' };
    expect(specOf({ env }).env).toEqual({ N: '3000', B: 'false', O: '{"a":[1]}', EMPTY: '' });
  });

  it('lets null in an overlay take a variable away', () => {
    const app = { env: { A: '1', B: '2' }, env_production: { A: null } };
    expect(specOf(app, contextWith({ envName: 'production' })).env).toEqual({ B: '2' });
  });

  it('keeps variables apart from settings of the same name', () => {
    const spec = specOf({ name: 'api', env: { name: 'hijack', instances: 7 } });
    expect(spec).toMatchObject({ name: 'api', instances: 1, env: { name: 'hijack', instances: '7' } });
  });

  it('never changes the object that two apps share', () => {
    const env = Object.freeze({ A: '1' });
    specOf({ env, port: 3000 });
    expect(env).toEqual({ A: '1' });
  });
});

describe('values', () => {
  it('honours zero and false', () => {
    const spec = specOf({
      max_restarts: 0,
      restart_delay: 0,
      kill_timeout: 0,
      min_uptime: 0,
      merge_logs: false,
      autorestart: false,
      treekill: 'false',
    });
    expect(spec).toMatchObject({
      max_restarts: 0,
      restart_delay: 0,
      kill_timeout: 0,
      min_uptime: 0,
      merge_logs: false,
      autorestart: false,
      treekill: false,
    });
  });

  it('takes a text that is a boolean for what it says in watch', () => {
    expect([specOf({ watch: 'false' }).watch, specOf({ watch: 'true' }).watch]).toEqual([false, true]);
    expect(specOf({ watch: 'src' }).watch).toEqual(['src']);
  });

  it('lets time win over log_date_format', () => {
    expect(specOf({ time: true, log_date_format: 'HH:mm' }).log_date_format).toBe('YYYY-MM-DDTHH:mm:ss');
    expect(specOf({ time: false, log_date_format: 'HH:mm' }).log_date_format).toBe('HH:mm');
  });

  it('turns cron and the memory limit off with 0', () => {
    expect(specOf({ cron_restart: 0, max_memory_restart: 0 })).toMatchObject({
      cron_restart: null,
      max_memory_restart: null,
    });
  });

  it('waits for a dependency that is only named until it is ready', () => {
    expect(specOf({ depends_on: ['db'] }).depends_on).toEqual({ db: 'ready' });
    expect(specOf({ depends_on: { db: 'started' } }).depends_on).toEqual({ db: 'started' });
    expect(specOf({ depends_on: { db: { restart: false }, q: { restart: 'true' } } }).depends_on).toEqual({
      db: 'ready',
      q: { condition: 'ready', restart: true },
    });
  });

  it.each(['fork', 'cluster'] as const)(
    'refuses a rollout that could never replace anything: %s',
    (exec_mode) => {
      const rollout = { max_surge: 0, max_unavailable: 0 };
      const { notes } = normalise({ script: 'a.js', exec_mode, rollout }, contextWith());
      expect(notes).toMatchObject([{ level: 'error', path: ['rollout'] }]);
    },
  );

  it.each([
    ['cluster', {}, [1, 0]],
    ['cluster', { max_surge: 2 }, [2, 0]],
    ['cluster', { max_surge: 0 }, [0, 1]],
    ['cluster', { max_unavailable: 2 }, [1, 2]],
    ['fork', {}, [0, 1]],
    ['fork', { max_surge: 1 }, [1, 0]],
    ['fork', { max_surge: '0' }, [0, 1]],
    ['fork', { max_unavailable: 2 }, [0, 2]],
    ['fork', { max_unavailable: 0 }, [1, 0]],
    ['fork', { max_surge: 1, max_unavailable: 1 }, [1, 1]],
  ] as const)('bounds a rollout in %s mode with %j by %j', (exec_mode, rollout, bounds) => {
    const { max_surge, max_unavailable } = specOf({ exec_mode, rollout }).rollout;
    expect([max_surge, max_unavailable]).toEqual(bounds);
  });

  it('bounds the rollout of an app by the mode that it runs in, not by the one that was asked for', () => {
    const { rollout } = specOf({ script: 'a.py', exec_mode: 'cluster' });
    expect(rollout).toMatchObject({ max_surge: 0, max_unavailable: 1 });
  });

  it('fills in every default', () => {
    expect(specOf({})).toMatchObject({
      namespace: 'default',
      kill_timeout: 5000,
      listen_timeout: 30_000,
      min_uptime: 1000,
      max_restarts: null,
      watch_delay: 200,
      watch_options: null,
      instance_var: 'NODE_APP_INSTANCE',
      log_rotate: { size: 10 * 1024 * 1024, keep: 5, interval: null, compress: false },
      rollout: { max_surge: 0, max_unavailable: 1, parallel: 1, min_ready: 1000, deadline: null },
    });
  });
});
