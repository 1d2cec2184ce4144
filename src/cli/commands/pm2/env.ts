import * as Args from '@oclif/core/args';
import * as Flags from '@oclif/core/flags';
import type { App } from '../../../api/contract/wire/apps.ts';
import { appKey } from '../../../lib/app-key.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { selectionFlags } from '../base/flags.ts';
import { BaseCommand } from '../base/base-command.ts';
import { outputFlag } from '../base/output-format.ts';
import { describeSource } from '../../../spec/secrets/variable-source.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { renderJson } from '../../views/json.ts';
import { escapeControls } from '../../views/text/text.ts';

/** `env`: the variables that an app is declared with. */
export default class Env extends BaseCommand {
  static override changesNothing = true;
  static override summary = 'Print the variables of an app, as its declaration gives them.';
  static override description =
    'Those of inherit_env, env_file, env and env_NAME, merged. Not listed: the few that every app gets (PATH, HOME ...) and those ' +
    'that say which instance it is (STATEWARD_SLOT, NODE_APP_INSTANCE ...). "env explain APP" says where each comes from, and ' +
    'whether the processes have it.';
  static override examples = ['<%= config.bin %> env shop/api', '<%= config.bin %> env 0 --show-secrets'];
  static override strict = false;
  static override args = { app: Args.string({ description: 'Selectors of apps.', ignoreStdin: true }) };
  static override flags = {
    ...selectionFlags,
    'show-secrets': Flags.boolean({ description: 'Print secret values.' }),
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Env);
    if (args.length === 0) throw usageError('name an app', 'stateward get lists them');
    const api = this.connect();
    const selectors = await this.selectorsNamed(args, api);
    const spec = flags['show-secrets'] ? 'full' : 'redacted';
    const { items } = unwrap(await api.apps({ selectors, spec }));
    const found = items.map((app) => ({
      app: appKey(app.project, app.name),
      env: { ...toldPorts(app), ...app.spec?.env, ...sourcesOf(app) },
    }));
    const [first] = found;
    if (flags.output === 'json') {
      this.print(renderJson(found.length === 1 && first !== undefined ? first.env : found));
      return EXIT.OK;
    }
    const texts = found.map(({ app, env }) => (found.length === 1 ? '' : `# ${app}\n`) + linesOf(env));
    this.print(texts.join('\n'));
    if (found.length === 1 && texts[0] === '') this.note('no variables are declared');
    return EXIT.OK;
  }
}

/** Ports that were chosen, as the first instance was told them. */
function toldPorts({ status }: App): Readonly<Record<string, string>> {
  const [first] = status.instances;
  return Object.fromEntries(
    (first?.declaredPorts ?? []).flatMap(({ port, variables }) =>
      port === null ? [] : variables.map((variable) => [variable, String(port)]),
    ),
  );
}

/** Where the values are read that no declaration holds. */
function sourcesOf({ spec }: App): Readonly<Record<string, string>> {
  const sources = Object.entries(spec?.env_from ?? {});
  return Object.fromEntries(sources.map(([name, source]) => [name, `<${describeSource(source)}>`]));
}

function linesOf(env: Readonly<Record<string, string>>): string {
  return Object.entries(env)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}=${escapeControls(value, false)}\n`)
    .join('');
}
