import * as Args from '@oclif/core/args';
import type { AppKey } from '../../../lib/app-key.ts';
import type { VerbRequest, VerbResponse } from '../../../api/contract/wire/verbs.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { EXIT } from '../../../lib/exit-codes.ts';
import { FailureError } from '../../../lib/failure.ts';
import type { Failure } from '../../../lib/failure.ts';
import type { Result } from '../../../lib/result.ts';
import { err, ok } from '../../../lib/result.ts';
import type { Api } from '../../session/api.ts';
import { ApplyCommand } from './apply-command.ts';
import { fileFlags, scopeFlags, selectionFlags, waitFlags } from './flags.ts';
import { outputFlag } from './output-format.ts';
import { converge } from '../../wait/converge.ts';
import { appsOfFiles, filesNamed, noSuchFile } from '../../declare/file-target.ts';
import { unwrap, usageError } from '../../session/failures.ts';
import { checkNoFileFlags } from '../../variants/read-flagged.ts';
import type { FileFlags } from '../../variants/variants.ts';
import { scriptsNamed } from '../../declare/script-target.ts';
import { choiceText } from '../../declare/here.ts';
import type { Chosen } from '../../declare/here.ts';
import { showApps } from '../../wait/told-apps.ts';
import { unwrittenWarning } from '../../views/daemon/unwritten.ts';
import { renderJson } from '../../views/json.ts';
import { renderVerbResults } from '../../views/verb-results.ts';

/** Positional selectors, as every verb takes them. */
export const selectorArgs = {
  app: Args.string({
    description: 'Selectors: all, name, project/name, name:slot, id, /regex/, namespace.',
    required: true,
    ignoreStdin: true,
  }),
};

/** The same for verbs that take ecosystem files too. */
export const targetArgs = {
  app: Args.string({
    description:
      'Selectors (all, name, project/name, name:slot, id, /regex/, namespace), or an ecosystem file.',
    required: true,
    ignoreStdin: true,
  }),
};

/** The flags of verbs that only need to know which apps are meant, and how to end. */
export const fileVerbFlags = {
  ...fileFlags,
  only: scopeFlags.only,
  ...selectionFlags,
  ...waitFlags,
  output: outputFlag(['table', 'json']),
};

/** How a verb ends: its flags, as parsed. */
export interface VerbFlags {
  readonly wait: boolean;
  readonly timeout: number;
  readonly output: 'table' | 'json';
}

/** The flags of a verb that can be about a file. */
export interface FileVerbFlags extends FileFlags {
  readonly file: readonly string[] | undefined;
  readonly only: readonly string[] | undefined;
}

/** What a verb is about. */
export interface VerbTargets {
  readonly selectors: readonly string[];
  /** Ecosystem files, in place of selectors. */
  readonly files: readonly string[] | null;
}

/** Commands that send one operator verb and wait for what follows from it. */
export abstract class VerbCommand extends ApplyCommand {
  /** What is named: files with -f, files among the words, or selectors. Throws when nothing is, or a mixture. */
  protected targets(args: readonly string[], file: readonly string[] | undefined): VerbTargets {
    if (file !== undefined) {
      const [app] = args;
      if (app === undefined) return { selectors: [], files: file };
      throw usageError(
        `-f ${file[0] ?? ''} names a file, and ${app} an app`,
        `of a file only some apps: -f ${file[0] ?? ''} --only NAME,NAME`,
      );
    }
    if (args.length === 0)
      throw usageError(
        'name an app, or all',
        'stateward get lists them; . means what the ecosystem file of this folder declares',
      );
    const files = filesNamed(args, () => this.context.cwd);
    return { selectors: files === null ? args : [], files };
  }

  /** The selectors that are named, or those of the apps of the files that are. */
  protected async selectorsOf(args: readonly string[], flags: FileVerbFlags): Promise<readonly string[]> {
    const { selectors, files } = this.targets(args, flags.file);
    if (files !== null) {
      const api = this.connectQuietly();
      return appsOfFiles(files, flags, { api, context: this.context, note: (line) => this.note(line) });
    }
    checkNoFileFlags({ ...flags }, { hint: 'name the file, or only apps' });
    return selectors;
  }

  /** Sends the verb, and waits until the apps are as asked for. */
  protected async sendVerb(request: VerbRequest, flags: VerbFlags): Promise<ExitCode> {
    const { api, response } = await this.askVerb(request);
    if (!response.ok) {
      const selectors = await this.#scripts(request.selectors, response.error);
      if (selectors === null) throw this.#notFound(response.error, request.selectors);
      return this.sendVerb({ ...request, selectors }, flags);
    }
    return this.finishVerb(api, response.value, flags);
  }

  /**
   * Sends the verb, and starts a daemon when none runs. It does not start one when the state on disk shows that there is
   * nothing to do: the daemon would start every other app for it.
   */
  protected async askVerb(
    request: VerbRequest,
  ): Promise<{ readonly api: Api; readonly response: Result<VerbResponse, Failure> }> {
    const api = this.connect();
    const response = await api.verb(request);
    if (response.ok) return { api, response };
    if (response.error.code === 'SELECTOR_AMBIGUOUS') {
      const chosen = await this.chosen(request.selectors, response.error, api);
      if (chosen === null) return { api, response };
      // A delete cannot be undone, so an ambiguous name is an error.
      if (request.verb === 'delete') return { api, response: err(namedIn(response.error, chosen)) };
      this.note(choiceText(chosen));
      return this.askVerb({ ...request, selectors: chosen.selectors });
    }
    if (response.error.code !== 'DAEMON_UNREACHABLE') return { api, response };
    const selected = await this.connectQuietly().apps({
      selectors: request.selectors,
      spec: 'none',
      detail: 'brief',
    });
    if (!selected.ok && selected.error.code !== 'SELECTOR_AMBIGUOUS') return { api, response: selected };
    if (selected.ok && selected.value.items.length === 0)
      return { api, response: ok({ results: [], targets: [] }) };
    const meant = selected.ok ? selected.value.items : [];
    const starting = this.connectOrStart(({ project, name }) =>
      meant.some((app) => app.project === project && app.name === name),
    );
    // Now that it answers, an ambiguous name is handled as with any other daemon.
    unwrap(await starting.status());
    return this.askVerb(request);
  }

  /** Reports what was done once it is done, not when it was requested. */
  protected async finishVerb(api: Api, response: VerbResponse, flags: VerbFlags): Promise<ExitCode> {
    const json = flags.output === 'json';
    if (response.results.length === 0 && response.targets.length === 0) this.note('no apps');
    for (const note of response.notes ?? []) this.note(note);
    if (flags.wait && response.targets.length > 0) {
      const exit = await converge({
        api,
        targets: response.targets,
        timeoutMs: flags.timeout,
        context: this.context,
        style: this.errStyle,
      });
      if (exit !== EXIT.OK) return exit;
    }
    const { unwritten } = response;
    if (unwritten !== undefined) this.printWarnings([unwrittenWarning(unwritten)]);
    this.print(json ? renderJson(response) : renderVerbResults(response, flags.wait));
    const gone = new Set(response.targets.flatMap((target) => (target.gone ? [target.app] : [])));
    const left = response.results.map(({ app }) => app).filter((app) => !gone.has(app));
    await this.showOutcome(left, flags, api);
    return EXIT.OK;
  }

  /** The table of the apps that something was done to, as PM2 has it. Before it is done, it would show what was. */
  protected async showOutcome(
    apps: readonly AppKey[],
    flags: Pick<VerbFlags, 'wait' | 'output'>,
    api: Api,
  ): Promise<void> {
    if (flags.output === 'json' || !flags.wait) return;
    await showApps(apps, { api, context: this.context, style: this.errStyle });
  }

  /** The selectors with scripts replaced by the apps that run them; null when none of them is a script. */
  async #scripts(selectors: readonly string[], failure: Failure): Promise<readonly string[] | null> {
    if (failure.code !== 'SELECTOR_NOT_FOUND') return null;
    const cwd = (): string => this.context.cwd;
    const named = await scriptsNamed(selectors, { api: this.connectQuietly(), cwd });
    const [idle] = named?.idle ?? [];
    if (idle === undefined) return named?.selectors ?? null;
    throw new FailureError({
      code: 'SELECTOR_NOT_FOUND',
      message: `cannot find an app for ${idle}: it is a file, and no app runs it`,
      hint: 'stateward get shows what apps there are',
    });
  }

  #notFound(failure: Failure, selectors: readonly string[]): FailureError {
    if (failure.code !== 'SELECTOR_NOT_FOUND') return new FailureError(failure);
    return noSuchFile(selectors, () => this.context.cwd, failure);
  }
}

function namedIn(ambiguous: Failure, { app }: Chosen): Failure {
  return { ...ambiguous, hint: `name the project too; the one of this folder is ${app}` };
}
