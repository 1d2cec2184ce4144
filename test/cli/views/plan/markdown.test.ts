import { describe, expect, it } from 'vitest';
import type { PlanDocument } from '../../../../src/api/contract/wire/plan.ts';
import { code, renderPlanMarkdown } from '../../../../src/cli/views/plan/markdown.ts';
import type { Change } from '../../../../src/plan/model/plan.ts';

function plan(changes: readonly Change[], more: Partial<PlanDocument> = {}): PlanDocument {
  const source = { files: ['/srv/shop/ecosystem.yaml'], env: null };
  return {
    formatVersion: 1,
    kind: 'Plan',
    projects: [{ project: 'shop', revisionBefore: 1, revisionAfter: 2, source }],
    options: { prune: true, only: null },
    changes,
    holds: [],
    summary: {
      ...{ create: 0, scale: 0, live: 0, roll: changes.length, start: 0, stop: 0, restart: 0, remove: 0 },
      ...{ unchanged: 3, processesTouched: changes.length * 2, processesUntouched: 5 },
    },
    fingerprint: 'f',
    basis: { fingerprint: 'f', apps: [], desiredHash: 'd' },
    guard: null,
    ...more,
  };
}

function roll(app: Change['app'], value: string, further: readonly string[] = []): Change {
  const field = (path: string, after: string): Change['fields'][number] => ({
    ...{ path, before: 'info', after, class: 'template', redacted: false },
  });
  return {
    ...{ app, kind: 'roll', reason: 'TemplateChanged', touches: 2 },
    ...{ instancesBefore: 2, instancesAfter: 2 },
    fields: [field('env.LOG_LEVEL', value), ...further.map((path) => field(path, 'x'))],
  };
}

describe('a plan as Markdown', () => {
  it('has the sum, a table, and the rest folded', () => {
    expect(renderPlanMarkdown(plan([roll('shop/web', 'debug', ['env.MODE'])]))).toMatchInlineSnapshot(`
      "### Plan: 1 to roll, 3 unchanged. 2 processes touched, 5 not.

      |   | App | Change | What | Cost |
      | --- | --- | --- | --- | --- |
      | ± | <code>shop/web</code> | roll | <code>env&#46;LOG&#95;LEVEL&#58; &#34;info&#34; → &#34;debug&#34;</code> | <code>2 processes, 1 at a time</code> |

      <details>
      <summary>Details</summary>

      - <code>shop/web</code>
        - <code>env&#46;MODE&#58; &#34;info&#34; → &#34;x&#34;</code>

      </details>
      "
    `);
  });

  it('says that nothing changes', () => {
    expect(renderPlanMarkdown(plan([]))).toBe('### No changes.\n');
  });

  it('begins with the guard that would refuse it', () => {
    const guard = { code: 'WIPE_GUARD', message: 'would remove all', hint: 'use --allow-wipe' } as const;
    const [title, , ...rest] = renderPlanMarkdown(plan([], { guard })).split('\n');
    expect(title).toBe('### stateward: this would be refused');
    expect(rest.join('\n')).toContain('allow&#45;wipe');
  });

  it.each([
    '@torvalds @org/team',
    'fixes #12 and GH-12',
    '</code><img src=x onerror=alert(1)>',
    'a | b \\| c',
    '`code` ``more``',
    '[link](https://example.org) ![i](x)',
    '**bold** __x__ ~~y~~',
    'one\ntwo\n\n# three',
    '</details><script>',
    '&lt;b&gt; &#64;x',
    'me@example.org www.example.org',
  ])('shows %j as text', (hostile) => {
    const text = code(hostile, 500);
    const inner = text.slice('<code>'.length, -'</code>'.length).replaceAll('<!-- -->', '');
    expect(inner.replaceAll(/&#\d+;/g, '')).toMatch(/^[A-Za-z0-9 ,/]*$/);
    expect(decode(inner)).toBe(hostile.replaceAll('\n', '\\x0a'));
    const page = renderPlanMarkdown(plan([roll('shop/web', hostile)]));
    expect(page.split('\n').filter((line) => line.startsWith('| ±'))).toHaveLength(1);
    expect(page.match(/(?<!\\)\|/g)).toHaveLength(3 * 6);
  });

  it('is cut where a comment of GitHub ends, and says so', () => {
    const many = Array.from({ length: 900 }, (_, index) => roll(`shop/app-${index}`, '@'.repeat(100)));
    const page = renderPlanMarkdown(plan(many));
    expect(Buffer.byteLength(page)).toBeLessThan(65_536);
    const shown = page.split('\n').filter((line) => line.startsWith('| ±')).length;
    expect(page).toContain(`${900 - shown} more changes`);
    expect(page.match(/<details>/g)?.length).toBe(page.match(/<\/details>/g)?.length);
  });
});

function decode(text: string): string {
  return text.replaceAll(/&#(\d+);/g, (_, number: string) => String.fromCharCode(Number(number)));
}
