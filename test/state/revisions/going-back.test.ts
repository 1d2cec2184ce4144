import { describe, expect, it } from 'vitest';
import { whereToGoBack } from '../../../src/state/revisions/going-back.ts';
import { appSpec } from '../specs.ts';

type Kept = Parameters<typeof whereToGoBack>[1][number];

const PROJECT = { project: 'shop', app: null };
const WEB = { project: 'shop', app: 'web' };
const SUCCEEDED = { state: 'succeeded' } as const;

const web = (LEVEL: string) => appSpec({ name: 'web', env: { LEVEL } });
const worker = appSpec({ name: 'worker' });

function kept(
  revision: number,
  apps: readonly ReturnType<typeof appSpec>[],
  outcome: Kept['outcome'] = SUCCEEDED,
): Kept {
  return { revision, spec: { project: 'shop', source: { files: [], env: null }, apps }, outcome };
}

const chosen = (subject: typeof PROJECT | typeof WEB, revisions: readonly Kept[]) => {
  const found = whereToGoBack(subject, revisions);
  return found.ok ? found.value : found.error;
};

describe('where a roll back goes that names no revision', () => {
  it('is the newest before the present one', () => {
    expect(chosen(PROJECT, [kept(3, [web('c')]), kept(2, [web('b')]), kept(1, [web('a')])])).toEqual({
      from: 3,
      to: 2,
    });
  });

  it('passes over what failed and what was replaced before it had proven itself', () => {
    const revisions = [
      kept(4, [web('d')], { state: 'progressing' }),
      kept(3, [web('c')], { state: 'superseded' }),
      kept(2, [web('b')], { state: 'failed' }),
      kept(1, [web('a')], null),
    ];
    expect(chosen(WEB, revisions)).toEqual({ from: 4, to: 1 });
  });

  it('passes over what declares the same for the app, in whatever order, and what does not have it', () => {
    const revisions = [
      kept(4, [web('b'), worker]),
      kept(3, [worker, web('b')]),
      kept(2, [worker]),
      kept(1, [web('a')]),
    ];
    expect(chosen(WEB, revisions)).toEqual({ from: 4, to: 1 });
    expect(chosen(PROJECT, revisions)).toEqual({ from: 4, to: 2 });
  });

  it('is nowhere, with why and the way out', () => {
    expect(chosen(WEB, [])).toMatchObject({ code: 'NOT_FOUND', message: 'project shop has no revision' });
    expect(chosen(WEB, [kept(1, [web('a')])])).toMatchObject({
      message: 'there is nothing to go back to: shop/web has one revision only',
    });
    expect(chosen(WEB, [kept(2, [web('a'), worker]), kept(1, [web('a')])])).toMatchObject({
      message: 'there is nothing to go back to: every earlier revision declares shop/web as it is now',
      hint: 'stateward history shop/web lists what is kept',
    });
    expect(chosen(WEB, [kept(2, [web('b')]), kept(1, [web('a')], { state: 'failed' })])).toMatchObject({
      message: 'there is nothing to go back to: no earlier revision of shop/web came up well',
      hint: 'stateward history shop/web lists them; --to 1 goes there all the same',
    });
  });

  it('names the project so that history takes it, where an app is called as it is', () => {
    const shop = appSpec({ name: 'shop' });
    expect(chosen(PROJECT, [kept(1, [shop])])).toMatchObject({
      hint: 'stateward history shop/ lists what is kept',
    });
  });
});
