import * as Args from '@oclif/core/args';
import { splitAppKey, appKey } from '../../../lib/app-key.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import { didYouMean } from '../../../lib/nearest.ts';
import { readDocumentsDeclared } from '../../declare/project-files.ts';
import type { AppSpec, ProjectSource } from '../../../spec/types.ts';
import type { ExplainedEnvironment, FileSide } from '../../environment/explained.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { variantsOf } from '../../variants/variants.ts';
import { renderJson } from '../../views/json.ts';
import { renderYaml } from '../../views/yaml.ts';
import { BaseCommand } from '../base/base-command.ts';
import { fileFlags } from '../base/flags.ts';
import { outputFlag } from '../base/output-format.ts';

/** `env explain`: where each variable of an app comes from, and whether its processes have it. */
export default class EnvExplain extends BaseCommand {
  static override changesNothing = true;
  static override summary =
    'Say where each variable of an app comes from, what it overrides, and what its processes have.';
  static override description =
    'The place that counts comes first, then those that it overrides: env_NAME, env, env_file, inherit_env, env of the project, ' +
    'ports, and what the daemon gives to every app; each with file and line, and the way it came (defaults, extends, vars). ' +
    'Without -f, of an app of the daemon: with what its processes have now, such as an older value, or a secret that was ' +
    'rotated since. With -f, of what a file says. Secrets are never shown.';
  static override examples = [
    '<%= config.bin %> env explain shop/api',
    '<%= config.bin %> env explain api DB_PASSWORD',
    '<%= config.bin %> env explain api LOG_LEVEL -f ecosystem.yaml --env production',
  ];
  static override args = {
    app: Args.string({ description: 'The app.', required: true, ignoreStdin: true }),
    key: Args.string({ description: 'One variable; default: all.', ignoreStdin: true }),
  };
  static override flags = { ...fileFlags, output: outputFlag(['table', 'json', 'yaml']) };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(EnvExplain);
    const [app, key] = args;
    if (app === undefined) throw usageError('name an app', 'stateward get lists them');
    const isOfFile =
      flags.file !== undefined || flags.merge || flags.var !== undefined || flags.env !== undefined;
    const whole = isOfFile ? await this.#ofFile(app, key, flags) : await this.#running(app);
    const explained = key === undefined ? whole : only(whole, key);
    if (flags.output === 'json') this.print(renderJson(explained));
    else if (flags.output === 'yaml') this.print(await renderYaml(explained));
    else {
      const { renderExplained, renderVariable } = await import('../../views/environment/explained.ts');
      const [first] = explained.variables;
      const look = { style: this.outStyle, cwd: this.context.cwd, nowMs: this.context.clock.now() };
      this.print(
        key !== undefined && first !== undefined
          ? renderVariable(first, look)
          : renderExplained(explained, look),
      );
      if (explained.variables.length === 0) this.note('no variables are declared');
    }
    return EXIT.OK;
  }

  async #ofFile(
    app: string,
    key: string | undefined,
    flags: { readonly file?: string[] | undefined; readonly env?: string | undefined } & Parameters<
      typeof variantsOf
    >[0],
  ): Promise<ExplainedEnvironment> {
    const variants = variantsOf(flags, flags.file);
    const documents = await readDocumentsDeclared(flags.file, flags.env, this.context, variants);
    const { appIn, appsIn, explainFile } = await import('../../environment/explained.ts');
    const [name = '', project = null] = app.split('/').toReversed();
    const found = appIn(documents, { project, name });
    if (found === null) {
      const known = appsIn(documents);
      const hint = didYouMean(app, [
        ...known,
        ...known.map((one) => splitAppKey(one as `${string}/${string}`).name),
      ]);
      throw new FailureError({
        code: 'NOT_FOUND',
        message: `the file declares no app ${app}`,
        ...(hint !== undefined && { hint }),
      });
    }
    return explainFile(await this.#side(found, flags.env ?? null), key);
  }

  async #running(app: string): Promise<ExplainedEnvironment> {
    const api = this.connect();
    const selectors = await this.selectorsNamed([app], api);
    const { items } = unwrap(await api.apps({ selectors, spec: 'full' }));
    const [meant, ...others] = items;
    if (meant === undefined || others.length > 0 || meant.spec === null) {
      const names = items.slice(0, 5).map(({ project, name }) => appKey(project, name));
      throw usageError(`${app} is ${items.length} apps`, `name one of them: ${names.join(', ')}`);
    }
    const { project, name, spec } = meant;
    const environment = unwrap(await api.environment({ project, name }));
    const { explainRunning } = await import('../../environment/explained.ts');
    const file = await this.#applied(environment.source, { project, name }, spec.env);
    return explainRunning(environment, spec, file);
  }

  /** The file that has declared it, as it is now; null, and said so: it cannot be read. */
  async #applied(
    source: ProjectSource,
    app: { readonly project: string; readonly name: string },
    applied: AppSpec['env'],
  ): Promise<FileSide | null> {
    if (source.files.length === 0) return null;
    if (source.files.includes('-')) {
      this.note('it was declared on standard input: where its values stand is not known');
      return null;
    }
    const { readDocumentsAgain } = await import('../../variants/recorded.ts');
    const { appIn, UNKNOWN_SECRET } = await import('../../environment/explained.ts');
    try {
      const found = appIn(await readDocumentsAgain(source, this.context, UNKNOWN_SECRET), app);
      // What was inherited when it was applied may be no variable of this shell.
      if (found !== null) return await this.#side(found, source.env, applied);
      this.note(
        `${source.files.join(', ')} declares ${app.name} no more: where its values stand is not known`,
      );
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      const [{ message }] = error.failures;
      this.note(
        `where values stand is not known: ${source.files.join(', ')} cannot be read as it is now (${message})`,
      );
    }
    return null;
  }

  async #side(
    { document, index }: { readonly document: FileSide['document']; readonly index: number },
    env: string | null,
    before: AppSpec['env'] = {},
  ): Promise<FileSide> {
    const loaded = document.loaded.apps[index];
    if (loaded === undefined) throw new Error('the app was found a moment ago');
    const { layeredVariables } = await import('../../../config/origins/variable-layers.ts');
    const home = this.context.env['HOME'] ?? null;
    const options = { env, cwd: this.context.cwd, home, showSecrets: false };
    const layers = layeredVariables({ file: document, loaded, options }, { ...before, ...this.context.env });
    return { document, spec: loaded.spec, layers };
  }
}

function only(explained: ExplainedEnvironment, key: string): ExplainedEnvironment {
  const variables = explained.variables.filter(({ name }) => name === key);
  if (variables.length > 0) return { ...explained, variables };
  const names = explained.variables.map(({ name }) => name);
  const app = appKey(explained.project, explained.name);
  throw new FailureError({
    code: 'NOT_FOUND',
    message: `${app} has no variable ${key}`,
    hint: didYouMean(key, names) ?? `stateward env explain ${app} lists them`,
  });
}
