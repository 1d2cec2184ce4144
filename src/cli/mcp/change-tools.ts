import * as z from 'zod';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppList } from '../../api/contract/wire/apps.ts';
import type { PlanDocument } from '../../api/contract/wire/plan.ts';
import type { Clock } from '../../lib/clocks/clock.ts';
import { Offers, OFFER_MS } from './offers.ts';
import { refusal, type Policy, type Touched } from './policy.ts';
import { answerOf, selectorsOf } from './read-tools.ts';
import { stateOf, touchedBy } from './touched.ts';
import { tool, type Ran, type RunLine, type Tool, type ToolAnswer } from './tool.ts';

export interface ChangeOptions {
  readonly run: RunLine;
  /** A plan for people. */
  readonly showPlan: (plan: PlanDocument) => string;
  /** What every plan is made of: `-f FILE`, `--env NAME`; a client names no file of its own. */
  readonly fileWords: readonly string[];
  /** Whether changes are carried out at all. */
  readonly allowsChanges: boolean;
  /** What holds now, or why nobody knows: asked at each change, as the settings of the home may be others by then. */
  readonly policy: () => Promise<Policy | string>;
  readonly clock: Pick<Clock, 'monotonic'>;
}

/** A change as it was shown: it is carried out only if it is still that one. */
type Offer = { readonly touched: readonly Touched[] } & Wanted;

type Wanted =
  | { readonly kind: 'apply'; readonly plan: PlanDocument }
  | { readonly kind: 'rollback'; readonly words: readonly string[]; readonly fingerprint: string }
  | {
      readonly kind: 'action';
      readonly words: readonly string[];
      readonly selectors: readonly string[];
      readonly seen: string;
    };

const OFFER_MINUTES = OFFER_MS / 60_000;

/** Planning, and, where the policy has it, carrying out what was planned. */
export function changeTools(options: ChangeOptions): readonly Tool[] {
  const offers = new Offers<Offer>(options.clock);
  const planning = [planTool(options, offers)];
  if (!options.allowsChanges) return planning;
  return [
    ...planning,
    actionTool(options, offers),
    rollbackTool(options, offers),
    carryOutTool(options, offers),
  ];
}

function planTool(options: ChangeOptions, offers: Offers<Offer>): Tool {
  return tool({
    name: 'plan',
    title: 'Preview an apply',
    description:
      'What applying the ecosystem file would do: a line for each app, which processes it touches and why. Changes nothing. Where changes are allowed it gives a token for carry_out.',
    changes: false,
    input: z.strictObject({}),
    call: async () => {
      const ran = await options.run(['plan', '-o', 'json', ...options.fileWords]);
      const plan = planOf(ran);
      return plan === null ? failed(ran) : shownPlan(plan, { kind: 'apply', plan }, options, offers);
    },
  });
}

function rollbackTool(options: ChangeOptions, offers: Offers<Offer>): Tool {
  return tool({
    name: 'plan_rollback',
    title: 'Preview a rollback',
    description:
      'What going back to an earlier revision would do. Changes nothing; gives a token for carry_out.',
    changes: false,
    input: z.strictObject({
      subject: z.string().describe('A project, or project/app.'),
      to: z
        .number()
        .int()
        .min(1)
        .optional()
        .describe('The revision. Default: the newest that was good and declares something else.'),
    }),
    call: async ({ subject, to }) => {
      const words = [...(to === undefined ? [] : [`--to=${to}`]), '--', subject];
      const ran = await options.run(['rollback', '--dry-run', '-o', 'json', ...words]);
      const plan = planOf(ran);
      if (plan === null) return failed(ran);
      return shownPlan(plan, { kind: 'rollback', words, fingerprint: plan.fingerprint }, options, offers);
    },
  });
}

function actionTool({ run, policy }: ChangeOptions, offers: Offers<Offer>): Tool {
  return tool({
    name: 'plan_action',
    title: 'Preview an action',
    description:
      'Which processes starting, stopping, restarting, reloading or scaling apps would touch. Changes nothing; gives a token for carry_out.',
    changes: false,
    input: z.strictObject({
      action: z.enum(['start', 'stop', 'restart', 'reload', 'scale']),
      apps: z.array(z.string()).min(1).describe('Selectors of apps; scale takes one.'),
      instances: z.number().int().min(0).optional().describe('Of scale: how many instances there are to be.'),
    }),
    call: async ({ action, apps, instances }) => {
      const isScale = action === 'scale';
      if (isScale !== (instances !== undefined)) return wrong('instances belongs to scale, which needs it');
      if (isScale && apps.length !== 1) return wrong('scale takes one app');
      const selectors = selectorsOf(apps);
      const listed = await run(['get', '-o', 'json', ...selectors]);
      if (listed.code !== 0) return failed(listed);
      const { items } = JSON.parse(listed.stdout) as AppList;
      const touched = items.map((app) => touchedBy(action, app, instances ?? 0));
      const why = refusal(touched, await policy());
      const shown = touched.map(({ app, processes }) => `${app}: ${action} touches ${processes} processes`);
      if (why !== null) return notOffered(shown.join('\n'), why);
      const words = [action, ...selectors, ...(instances === undefined ? [] : [String(instances)])];
      return offered(
        shown.join('\n'),
        offers.add({ kind: 'action', touched, words, selectors, seen: stateOf(items) }),
      );
    },
  });
}

function carryOutTool({ run, policy }: ChangeOptions, offers: Offers<Offer>): Tool {
  return tool({
    name: 'carry_out',
    title: 'Carry out a planned change',
    description:
      'Carries out exactly what plan, plan_action or plan_rollback has shown, and waits for the result. If the host or the file is not as it was then, nothing is done.',
    changes: true,
    input: z.strictObject({ token: z.string().describe('What the plan gave.') }),
    call: async ({ token }) => {
      const offer = offers.take(token);
      if (offer === undefined) {
        return wrong(
          `this token was never given out, was used, or is older than ${OFFER_MINUTES} minutes; plan again`,
        );
      }
      const why = refusal(offer.touched, await policy());
      if (why !== null) return wrong(`nothing was done: ${why}`);
      switch (offer.kind) {
        case 'apply':
          return applied(offer.plan, run);
        case 'rollback': {
          const now = planOf(await run(['rollback', '--dry-run', '-o', 'json', ...offer.words]));
          if (now?.fingerprint !== offer.fingerprint) return stale();
          return done(await run(['rollback', ...offer.words]));
        }
        case 'action': {
          const listed = await run(['get', '-o', 'json', ...offer.selectors]);
          if (listed.code !== 0) return failed(listed);
          if (stateOf((JSON.parse(listed.stdout) as AppList).items) !== offer.seen) return stale();
          return done(await run(offer.words));
        }
      }
    },
  });
}

/** By the way of a saved plan, which the daemon compares with what is there. */
async function applied(plan: PlanDocument, run: RunLine): Promise<ToolAnswer> {
  const folder = mkdtempSync(join(tmpdir(), 'stateward-mcp-'));
  try {
    const path = join(folder, 'plan.json');
    writeFileSync(path, JSON.stringify(plan), { mode: 0o600 });
    return done(await run(['apply', path]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function shownPlan(
  plan: PlanDocument,
  wanted: Wanted,
  { policy, showPlan }: ChangeOptions,
  offers: Offers<Offer>,
): Promise<ToolAnswer> {
  const shown = showPlan(plan);
  const changes = plan.changes.filter(({ kind }) => kind !== 'unchanged');
  if (changes.length === 0) return { text: shown, data: { changes: 0 } };
  const touched = changes.map(({ app, touches }) => ({ app, processes: touches }));
  const why = plan.guard?.message ?? refusal(touched, await policy());
  return why === null ? offered(shown, offers.add({ ...wanted, touched })) : notOffered(shown, why);
}

/** The plan that a command printed; null: it printed why there is none. A plan that a guard refuses is one. */
function planOf({ stdout }: Ran): PlanDocument | null {
  try {
    const document = JSON.parse(stdout) as Partial<PlanDocument>;
    return document.kind === 'Plan' ? (document as PlanDocument) : null;
  } catch {
    return null;
  }
}

function offered(shown: string, token: string): ToolAnswer {
  return {
    text: `${shown.trimEnd()}\n\ncarry_out with the token ${token} does exactly this; it holds for ${OFFER_MINUTES} minutes.`,
    data: { token },
  };
}

function notOffered(shown: string, why: string): ToolAnswer {
  return {
    text: `${shown.trimEnd()}\n\nNot to be carried out from here: ${why}.`,
    data: { token: null, refused: why },
  };
}

function done(ran: Ran): ToolAnswer {
  return { ...answerOf(ran), ...(ran.code !== 0 && { isError: true }) };
}

/** A command that did not print what it was asked for. */
function failed(ran: Ran): ToolAnswer {
  return { ...answerOf(ran), isError: true };
}

function stale(): ToolAnswer {
  return wrong('something has changed since it was shown, and nothing was done; plan again');
}

function wrong(message: string): ToolAnswer {
  return { text: message, isError: true };
}
