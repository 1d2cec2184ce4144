import { availableParallelism } from 'node:os';
import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ProjectSpec } from '../../../spec/types.ts';
import { appFlags } from '../../declare/app-flags.ts';
import { serveEntry, serveName } from '../../declare/serve-app.ts';
import { declaredKeys } from '../../declare/file-target.ts';
import { appEntry } from '../../declare/start-app.ts';
import { isOneOf, startDeclared } from '../../declare/starting.ts';
import { unwrap } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { waitFlags } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';
import { VerbCommand } from '../base/verb-command.ts';

/** `serve`: a folder as an app that serves its files. */
export default class Serve extends VerbCommand {
  static override aliases = ['expose'];
  static override summary = 'Serve the files of a folder over HTTP.';
  static override description =
    'Makes an app in the project "default", as start does of a script; in a file it is the key serve. Dot files, links that ' +
    'lead out of the folder, and lists of folders are never served. Of the file behind --basic-auth only the path is ' +
    'kept; the server reads the password when it starts.';
  static override usage = ['serve [DIR] [PORT] [FLAGS]'];
  static override examples = [
    '<%= config.bin %> serve ./dist 8080 --spa',
    '<%= config.bin %> serve /srv/site 80 --host 127.0.0.1 --name site -i 2',
    '<%= config.bin %> serve ./private --basic-auth editor:/etc/site/password',
  ];
  static override strict = false;
  static override pm2 = 'serve' as const;
  static override args = {
    path: Args.string({ description: 'Folder; default: this one. PORT: default 8080.', ignoreStdin: true }),
  };
  static override flags = {
    name: appFlags.name,
    namespace: appFlags.namespace,
    instances: appFlags.instances,
    uid: appFlags.uid,
    gid: appFlags.gid,
    host: Flags.string({ description: 'Address to listen on; default: every one.', helpValue: 'ADDRESS' }),
    spa: Flags.boolean({ description: 'A page that does not exist is the homepage.' }),
    homepage: Flags.string({
      description: 'File that is sent for a folder; default: index.html.',
      helpValue: 'FILE',
    }),
    'max-age': Flags.string({
      description: 'How long a client may use a file without asking; default: 0.',
      helpValue: 'DURATION',
    }),
    'basic-auth': Flags.string({
      description: 'Ask for this name, and the password that the file holds.',
      helpValue: 'USER:FILE',
    }),
    ...waitFlags,
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Serve);
    const entry = serveEntry(
      {
        args,
        host: flags.host,
        homepage: flags.homepage,
        maxAge: flags['max-age'],
        spa: flags.spa,
        basicAuth: flags['basic-auth'],
      },
      this.context,
    );
    const { name, namespace, instances, uid, gid } = flags;
    const { script: _script, ...common } = appEntry('', [], { name, namespace, instances, uid, gid });
    const project = await this.#declare({ name: serveName(entry), ...common, ...entry });
    const command = ['serve', ...args].join(' ');
    const api = this.connectOrStart(isOneOf([project]));
    const { exit, plan } = await startDeclared([project], command, {
      flags,
      api,
      context: this.context,
      style: this.errStyle,
    });
    if (exit !== EXIT.OK) return exit;
    if (flags.output === 'json') this.print(renderJson(plan));
    await this.showOutcome(declaredKeys([project], undefined), flags, api);
    this.#sayWhere(project);
    if (flags.output !== 'json') await this.sayBootHint(api);
    return exit;
  }

  async #declare(app: Readonly<Record<string, unknown>>): Promise<ProjectSpec> {
    const { appFromCommandLine } = await import('../../../config/command-line.ts');
    const { env, cwd } = this.context;
    return unwrap(
      appFromCommandLine({
        app,
        environment: env,
        cwd,
        cpus: availableParallelism(),
        onWarnings: (found) => this.printWarnings(found),
      }),
    );
  }

  #sayWhere({ apps }: ProjectSpec): void {
    for (const { serve } of apps) {
      if (serve === null) continue;
      const { path, host, port } = serve;
      const name = host === null ? 'localhost' : host.includes(':') ? `[${host}]` : host;
      this.note(`${path} is served at http://${name}:${port}`);
    }
  }
}
