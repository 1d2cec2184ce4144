import * as Flags from '@oclif/core/flags';
import { OTHER_TARGETS, type OtherTarget } from '../../api/contract/target-names.ts';
import type { LoadedDocument } from '../../config/load-document.ts';
import { ERROR_CODES } from '../../lib/error-codes.ts';
import { EXIT, type ExitCode } from '../../lib/exit-codes.ts';
import { FailureError } from '../../lib/failure.ts';
import type { Target, TargetOutcome, TargetScope, TargetWaiting } from '../../targets/model/target.ts';
import { BaseCommand } from '../commands/base/base-command.ts';
import { fileFlags, guardFlags, scopeFlags } from '../commands/base/flags.ts';
import { readDocumentsDeclared } from '../declare/project-files.ts';
import { unwrap } from '../session/failures.ts';
import { interruption } from '../session/interruption.ts';
import { variantsOf, type FileFlags } from '../variants/variants.ts';
import { renderFailures } from '../views/failure.ts';
import { count } from '../views/text/quantities.ts';
import { diagnosticFailures } from './diagnostics.ts';
import { imageFlags } from './image.ts';
import type { MadeImages } from './opening.ts';
import { TARGETS } from './targets.ts';

/** Where, which files, and the image that they are run from. */
export const targetFileFlags = {
  ...fileFlags,
  ...imageFlags,
  target: Flags.option({ options: OTHER_TARGETS, required: true, hidden: true })(),
};

/** What of them counts, and what may be passed over. */
export const targetScopeFlags = {
  ...scopeFlags,
  'allow-wipe': guardFlags['allow-wipe'],
  'force-conflicts': Flags.boolean({
    description: 'Take over fields that somebody else has set there.',
  }),
};

export interface TargetFileFlags extends FileFlags {
  readonly file: readonly string[] | undefined;
  readonly image: string | undefined;
  readonly target: OtherTarget;
}

export interface TargetScopeFlags {
  readonly only: readonly string[] | undefined;
  readonly prune: boolean;
  readonly 'allow-wipe': boolean;
  readonly 'force-conflicts': boolean;
}

/** Commands about another place than this host. */
export abstract class TargetCommand extends BaseCommand {
  /** What it needs to know of images that are made for projects that name none. */
  protected readonly images: MadeImages = 'needed';

  /**
   * Opens the target that the files are for, runs `use` with it, and lets go of it. `warns`: whether what means something
   * else there is said in full, or counted.
   */
  protected async withTarget(
    flags: TargetFileFlags,
    warns: 'in full' | 'counted' | 'not',
    use: (target: Target, documents: readonly LoadedDocument[]) => Promise<ExitCode>,
  ): Promise<ExitCode> {
    const variants = variantsOf(flags, flags.file);
    const documents = await readDocumentsDeclared(flags.file, flags.env, this.context, {
      ...variants,
      hostChecks: 'skip',
    });
    const { images } = this;
    const how = { ...variants, env: flags.env, image: flags.image, images };
    const open = await TARGETS[flags.target]?.();
    if (open === undefined) throw new Error(`${flags.target} is nothing to open`);
    const target = unwrap(await open(documents, how, this.context));
    try {
      this.note(`${target.name}: ${target.place}`);
      this.printWarnings(target.doubts);
      this.#checkMeaning(target, documents, warns);
      return await use(target, documents);
    } finally {
      target.close();
    }
  }

  #checkMeaning(
    target: Target,
    documents: readonly LoadedDocument[],
    warns: 'in full' | 'counted' | 'not',
  ): void {
    const { diagnostics } = target.render();
    const [first, ...more] = diagnosticFailures(
      diagnostics.filter(({ severity }) => severity === 'error'),
      documents,
    );
    if (first !== undefined) throw new FailureError(first, ...more);
    const warnings = diagnosticFailures(
      diagnostics.filter(({ renderedOnly = false }) => !renderedOnly),
      documents,
    );
    if (warns === 'in full') this.printWarnings(warnings);
    else if (warns === 'counted' && warnings.length > 0)
      this.note(`${count(warnings.length, 'warning')} (stateward plan --target ${target.name} shows them)`);
  }

  protected scopeOf(flags: TargetScopeFlags): TargetScope {
    return {
      prune: flags.prune,
      only: flags.only ?? null,
      allowWipe: flags['allow-wipe'],
      forceConflicts: flags['force-conflicts'],
    };
  }

  /** Runs what can be interrupted: Ctrl-C ends the waiting, a second one the command. */
  protected async interruptible<T>(
    flags: { readonly wait: boolean; readonly timeout: number },
    run: (waiting: TargetWaiting) => Promise<T>,
  ): Promise<T> {
    const controller = new AbortController();
    const interrupted = interruption();
    void interrupted.happened.then(() => controller.abort());
    try {
      return await run({
        wait: flags.wait,
        timeoutMs: flags.timeout,
        signal: controller.signal,
        said: (line) => this.note(line),
      });
    } finally {
      interrupted.dispose();
    }
  }

  /** Tells how it ended; gives the exit code. A rollout that was taken back is told from all that is worse. */
  protected ended({ failures }: TargetOutcome): ExitCode {
    const [first] = failures;
    if (first === undefined) return EXIT.OK;
    this.context.streams.stderr.write(renderFailures(failures, this.errStyle));
    const worst = failures.find(({ code }) => code !== 'ROLLOUT_FAILED') ?? first;
    return ERROR_CODES[worst.code];
  }

  /** Names of apps, given as `api` or `shop/api`; `all` is all of them. */
  protected appNames(words: readonly string[], documents: readonly LoadedDocument[]): readonly string[] {
    const projects = new Set(documents.map(({ project }) => project));
    const names = words.map((word) => {
      const slash = word.indexOf('/');
      return slash > 0 && projects.has(word.slice(0, slash)) ? word.slice(slash + 1) : word;
    });
    return names.includes('all') ? [] : names;
  }
}
