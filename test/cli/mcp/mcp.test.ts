import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { BIN, Host } from '../../support/host.ts';

const host = new Host();
const DECLARED = [
  { name: 'web', script: './web.js', instances: 2, min_uptime: 50 },
  { name: 'db', script: './web.js', min_uptime: 50 },
  { name: 'off', script: './web.js', autostart: false },
] as const;

beforeAll(async () => {
  host.write('web.js', 'console.log("begun", process.env.A); setInterval(() => undefined, 1e6)');
  host.declare(...DECLARED);
  await host.ok('apply');
}, 60_000);
const clients: Client[] = [];
afterAll(async () => {
  for (const client of clients) await client.close();
  await host[Symbol.asyncDispose]();
});

interface Answer {
  readonly text: string;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly isError: boolean;
}

/** A client of a server that was started with these flags. */
async function connected(...flags: readonly string[]) {
  const client = new Client({ name: 'test', version: '1' });
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [BIN, 'mcp', ...flags],
    cwd: host.folder,
    env: { PATH: process.env['PATH'] ?? '', HOME: host.folder, STATEWARD_HOME: host.home },
    stderr: 'ignore',
  });
  await client.connect(transport);
  clients.push(client);
  return {
    client,
    call: async (name: string, input: Record<string, unknown> = {}): Promise<Answer> => {
      const result = await client.callTool({ name, arguments: input });
      const [content] = result.content as readonly { readonly text: string }[];
      return {
        text: content?.text ?? '',
        data: result.structuredContent as Answer['data'],
        isError: result.isError === true,
      };
    },
  };
}

async function pidsOf(app: string): Promise<readonly unknown[]> {
  const { stdout } = await host.ok('get', app, '-o', 'json');
  const { items } = JSON.parse(stdout) as {
    items: readonly { status: { instances: readonly { pid: number | null }[] } }[];
  };
  return items.flatMap(({ status }) => status.instances.map(({ pid }) => pid));
}

describe('a client of the Model Context Protocol', { timeout: 60_000 }, () => {
  let reader: Awaited<ReturnType<typeof connected>>;
  beforeAll(async () => {
    reader = await connected();
  });

  it('finds tools that only read, each with its form, and none that changes something', async () => {
    const { client } = reader;
    const { tools } = await client.listTools();
    expect(tools.every(({ annotations }) => annotations?.readOnlyHint === true)).toBe(true);
    expect(tools.map(({ name }) => name)).toEqual([
      ...['get_apps', 'why', 'describe_apps', 'read_logs', 'list_events', 'history', 'list_sources'],
      ...['daemon_status', 'doctor', 'explain', 'plan'],
    ]);
    const { inputSchema } = tools.find(({ name }) => name === 'read_logs') ?? {};
    expect(inputSchema).toMatchObject({ additionalProperties: false });
    expect(client.getInstructions()).toContain('get_apps');
  });

  it('reads what the commands print', async () => {
    const { call } = reader;
    // It counts as up before it has printed anything.
    await eventually(async () =>
      (await call('read_logs', { apps: ['web:0'], lines: 5 })).text.includes('begun'),
    );
    const [apps, logs, why, plan] = await Promise.all([
      call('get_apps', { format: 'json' }),
      call('read_logs', { apps: ['web:0'], lines: 5 }),
      call('why', { apps: ['off'] }),
      call('plan'),
    ]);
    expect(JSON.parse(apps.text)).toMatchObject({ kind: 'AppList' });
    expect(logs.text).toContain('begun');
    expect(why.text).toContain('shop/off');
    expect(plan).toMatchObject({ isError: false, data: { changes: 0 } });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['why', { apps: ['nobody'] }, 'nobody'],
    ['describe_apps', { apps: [] }, 'apps'],
    ['describe_apps', {}, 'apps'],
    ['read_logs', { lines: 0 }, 'lines'],
    ['get_apps', { watch: true }, 'watch'],
    // A word of a client is never a flag.
    ['describe_apps', { apps: ['--show-secrets'] }, '--show-secrets'],
    ['read_logs', { apps: ['-f'] }, '-f'],
    ['history', { subject: '-o' }, '-o'],
    ['explain', { word: 'nothing-of-this-name' }, 'nothing-of-this-name'],
    ['carry_out', { token: 'x' }, 'carry_out'],
  ])('is told what is wrong with %s %j', async (name, input, named) => {
    const { call } = reader;
    const answer = await call(name, input).catch((error: unknown): Answer => ({
      text: String(error),
      data: undefined,
      isError: true,
    }));
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(named);
  });
});

describe('a client that may change something', { timeout: 120_000 }, () => {
  let changer: Awaited<ReturnType<typeof connected>>;
  beforeAll(async () => {
    changer = await connected('--allow-changes');
  });

  it('carries out the plan that it was shown, once', async () => {
    const { call } = changer;
    host.declare({ ...DECLARED[0], env: { A: '1' } }, DECLARED[1], DECLARED[2]);
    const plan = await call('plan');
    expect(plan.text).toContain('env.A');
    const before = await pidsOf('db');
    const applied = await call('carry_out', { token: plan.data?.['token'] });
    expect(applied.text).toContain('2 processes touched');
    expect(applied.isError).toBe(false);
    expect(await pidsOf('db')).toEqual(before);
    const again = await call('carry_out', { token: plan.data?.['token'] });
    expect(again).toMatchObject({ isError: true });
    expect(again.text).toContain('plan again');
  });

  it('changes nothing when the file or the host is not as it was shown', async () => {
    const { call } = changer;
    host.declare({ ...DECLARED[0], env: { A: '2' } }, DECLARED[1], DECLARED[2]);
    const plan = await call('plan');
    const action = await call('plan_action', { action: 'restart', apps: ['db'] });
    expect(action.text).toContain('shop/db: restart touches 1 processes');
    host.declare({ ...DECLARED[0], env: { A: '3' } }, DECLARED[1], DECLARED[2]);
    await host.ok('restart', 'db');
    const before = [await pidsOf('web'), await pidsOf('db')];
    for (const { data } of [plan, action]) {
      const answer = await call('carry_out', { token: data?.['token'] });
      expect(answer.isError).toBe(true);
      expect(answer.text).toMatch(/plan again|make a new plan/);
    }
    expect([await pidsOf('web'), await pidsOf('db')]).toEqual(before);
  });

  it('scales, and goes back to an earlier revision', async () => {
    const { call } = changer;
    const scaled = await call('plan_action', { action: 'scale', apps: ['web'], instances: 3 });
    expect((await call('carry_out', { token: scaled.data?.['token'] })).isError).toBe(false);
    expect(await pidsOf('web')).toHaveLength(3);
    const back = await call('plan_rollback', { subject: 'shop/web', to: 1 });
    expect(back.text).toContain('web');
    expect((await call('carry_out', { token: back.data?.['token'] })).isError).toBe(false);
    expect(await pidsOf('web')).toHaveLength(2);
  });

  it.each([
    ['plan_action', { action: 'scale', apps: ['web'] }, 'needs it'],
    ['plan_action', { action: 'scale', apps: ['web', 'db'], instances: 1 }, 'one app'],
    ['plan_action', { action: 'restart', apps: ['web'], instances: 1 }, 'belongs to scale'],
    ['plan_action', { action: 'restart', apps: ['nobody'] }, 'nobody'],
    ['plan_rollback', { subject: 'shop', to: 999 }, '999'],
    ['carry_out', { token: '' }, 'never given out'],
  ])('is told what is wrong with %s %j', async (name, input, named) => {
    const { call } = changer;
    const answer = await call(name, input);
    expect(answer.isError).toBe(true);
    expect(answer.text).toContain(named);
  });

  it.each([
    [['--protect', 'shop/*'], 'protected'],
    [['--protect', 'db'], 'protected'],
    [['--max-processes', '0'], 'touches 1 processes, and 0 is the most'],
  ])('gets no token where %j forbids it', async (flags, why) => {
    const { call } = await connected('--allow-changes', ...flags);
    const answer = await call('plan_action', { action: 'stop', apps: ['db'] });
    expect(answer.data).toMatchObject({ token: null });
    expect(answer.text).toContain(why);
  });

  it('gets none where the settings of the home forbid it, and a token is none once they do', async () => {
    const { call } = await connected('--allow-changes');
    const token = async (): Promise<unknown> =>
      (await call('plan_action', { action: 'restart', apps: ['db'] })).data?.['token'];
    const given = await token();
    expect(given).toEqual(expect.any(String));
    await host.ok('config', 'set', 'mcp.protect', 'shop/db');
    const refused = await call('carry_out', { token: given });
    expect([refused.isError, refused.text]).toEqual([true, expect.stringContaining('protected')]);
    expect(await token()).toBeNull();
    await host.ok('config', 'unset', 'mcp.protect');
    await host.ok('config', 'set', 'mcp.max_processes', '0');
    expect((await call('plan_action', { action: 'stop', apps: ['db'] })).text).toContain('and 0 is the most');
    await host.ok('config', 'unset', 'mcp');
    expect(await token()).toEqual(expect.any(String));
  });

  it('gets no token for a plan that a guard refuses', async () => {
    const { call } = await connected('--allow-changes', '--max-processes', '100');
    host.declare();
    const answer = await call('plan');
    expect(answer.data).toMatchObject({ token: null });
    expect(answer.text).toContain('Not to be carried out from here');
    host.declare(...DECLARED);
  });
});
