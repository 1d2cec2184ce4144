import * as Args from '@oclif/core/args';
import { isFilter } from '../../../api/contract/selector-filters.ts';
import type { ExitCode } from '../../../lib/exit-codes.ts';
import { optionalDurationFlag, selectionFlags, waitFlags } from '../base/flags.ts';
import type { VerbRequest } from '../../../api/contract/wire/verbs.ts';
import { FailureError } from '../../../lib/failure.ts';
import { filesNamed } from '../../declare/file-target.ts';
import { unwrap } from '../../session/failures.ts';
import { outputFlag } from '../base/output-format.ts';
import { whoAmI } from '../../fast/who-am-i.ts';
import { parseScaleTargets, type ScaleAmount } from '../base/scale-target.ts';
import { VerbCommand } from '../base/verb-command.ts';

/** `scale`: a visible override of `instances` that the next apply resets. */
export default class Scale extends VerbCommand {
  static override summary = 'Set how many instances of an app run, until the next apply.';
  static override usage = [
    'scale APP NUMBER',
    'scale APP +NUMBER',
    'scale APP -NUMBER',
    'scale APP=NUMBER...',
  ];
  static override examples = [
    '<%= config.bin %> scale api 4',
    '<%= config.bin %> scale api 4 --for 2h',
    '<%= config.bin %> scale api -1',
  ];
  static override strict = false;
  static override pm2 = 'verb' as const;
  static override args = {
    app: Args.string({
      description: 'Selector of the app, or APP=NUMBER.',
      required: true,
      ignoreStdin: true,
    }),
    number: Args.string({ description: 'How many, or by how many more or less.', ignoreStdin: true }),
  };
  static override flags = {
    ...selectionFlags,
    for: optionalDurationFlag('Only for so long; then what is declared holds again.'),
    ...waitFlags,
    output: outputFlag(['table', 'json']),
  };

  async run(): Promise<ExitCode> {
    const { flags, args } = await this.parseLine(Scale);
    const filters = args.filter(isFilter);
    const targets = parseScaleTargets(
      args.filter((word) => !isFilter(word)),
      filters.length > 0,
    );
    const command = ['scale', ...args].join(' ');
    const limit = flags.for === undefined ? {} : { forMs: flags.for };
    const by = whoAmI();
    const requestFor = (selectors: readonly string[], amount: ScaleAmount): VerbRequest => ({
      ...{ verb: 'scale', selectors, by, command },
      ...amount,
      ...limit,
    });
    const wordsOf = (selector: string | null): readonly string[] =>
      selector === null ? filters : [selector, ...filters];
    const [{ selector, amount }, ...others] = targets;
    if (others.length === 0 && filesNamed(wordsOf(selector), () => this.context.cwd) === null) {
      return this.sendVerb(requestFor(wordsOf(selector), amount), flags);
    }
    // Looks for all of them before scaling one: doing half of it helps nobody.
    const quietly = this.connectQuietly();
    const requests = [];
    for (const target of targets) {
      const selectors = await this.selectorsNamed(wordsOf(target.selector), quietly, (failure) => {
        throw new FailureError(failure);
      });
      requests.push(requestFor(selectors, target.amount));
    }
    const api = this.connectOrStart();
    const responses = [];
    for (const request of requests) responses.push(unwrap(await api.verb(request)));
    const unwritten = responses.flatMap((response) => response.unwritten ?? []);
    const notes = responses.flatMap((response) => response.notes ?? []);
    const [first] = unwritten;
    const merged = {
      ...(first !== undefined && { unwritten: { ...first, apps: unwritten.flatMap(({ apps }) => apps) } }),
      ...(notes.length > 0 && { notes }),
      results: responses.flatMap(({ results }) => results),
      targets: responses.flatMap(({ targets: waitFor }) => waitFor),
    };
    return this.finishVerb(api, merged, flags);
  }
}
