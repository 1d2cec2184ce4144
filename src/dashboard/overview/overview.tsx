import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { App } from '../../api/contract/wire/apps.ts';
import { count } from '../../cli/views/text/quantities.ts';
import { apps } from '../link/feed.ts';
import { attentionGroups } from '../model/attention.ts';
import { Empty, Loading } from '../parts/said.tsx';
import { VirtualList } from '../parts/virtual-list.tsx';
import { withKeys } from '../shell/keys.ts';
import { appRoute, go, keep, route } from '../shell/navigate.ts';
import { AppRow, InstanceRow, ListHead, ProjectRow } from './app-rows.tsx';
import { AttentionCards } from './attention-cards.tsx';
import { rowsOf, type Row } from './rows.ts';

/** What needs attention, with its why, and then everything. */
export function Overview() {
  const { value: known } = apps;
  if (known === undefined) {
    return (
      <>
        <h1>Overview</h1>
        <Loading rows={8} />
      </>
    );
  }
  if (known.size === 0) return <NoApps />;
  return <Listed all={[...known.values()]} />;
}

function Listed({ all }: { readonly all: readonly App[] }) {
  const filter = route.value.query['q'] ?? '';
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const [at, setAt] = useState(-1);
  const [isNarrow, setNarrow] = useState(innerWidth < 760);
  const field = useRef<HTMLInputElement>(null);
  const rows = useMemo(() => rowsOf(all, { filter, open, isNarrow }), [all, filter, open, isNarrow]);
  const toggle = (key: string): void =>
    setOpen((known) => {
      const next = new Set(known);
      if (!next.delete(key)) next.add(key);
      return next;
    });
  useEffect(() => {
    const look = (): void => setNarrow(innerWidth < 760);
    addEventListener('resize', look);
    return () => removeEventListener('resize', look);
  }, []);
  useEffect(() => {
    const move = (step: number): void => setAt((known) => nextApp(rows, known, step));
    const chosen = rows[at];
    return withKeys({
      j: () => move(1),
      k: () => move(-1),
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      Enter: () => chosen?.kind === 'app' && go(appRoute(chosen.app)),
      x: () => chosen?.kind === 'app' && toggle(chosen.key),
      '/': () => field.current?.focus(),
      Escape: () => {
        field.current?.blur();
        setAt(-1);
        keep({ q: '' });
      },
    });
  }, [rows, at]);
  return (
    <>
      <div class="head">
        <h1>Overview</h1>
        <p class="muted figures">{totals(all)}</p>
        <input
          ref={field}
          type="search"
          aria-label="Filter apps"
          placeholder="Filter apps  /"
          value={filter}
          onInput={({ currentTarget }) => keep({ q: currentTarget.value })}
        />
      </div>
      {filter === '' && <AttentionCards all={all} />}
      {rows.length === 0 ? (
        <Empty title="No app is called so">
          <button type="button" onClick={() => keep({ q: '' })}>
            Show all
          </button>
        </Empty>
      ) : (
        <section class="apps" aria-label="Apps">
          <ListHead />
          <VirtualList
            label="Apps"
            heights={rows.map(({ height }) => height)}
            selected={at}
            row={(index) => (
              <OneRow key={rows[index]?.key} row={rows[index]} isAt={index === at} onToggle={toggle} />
            )}
          />
        </section>
      )}
    </>
  );
}

interface OneRowProps {
  readonly row: Row | undefined;
  readonly isAt: boolean;
  readonly onToggle: (key: string) => void;
}

function OneRow({ row, isAt, onToggle }: OneRowProps) {
  switch (row?.kind) {
    case 'project':
      return <ProjectRow row={row} />;
    case 'app':
      return <AppRow row={row} isAt={isAt} onToggle={() => onToggle(row.key)} />;
    case 'instance':
      return <InstanceRow row={row} />;
    case undefined:
      return null;
  }
}

function nextApp(rows: readonly Row[], from: number, step: number): number {
  for (let at = from + step; at >= 0 && at < rows.length; at += step) if (rows[at]?.kind === 'app') return at;
  return from;
}

function totals(all: readonly App[]): string {
  const wanted = all.reduce((total, { status }) => total + status.desiredInstances, 0);
  const ready = all.reduce((total, { status }) => total + status.readyInstances, 0);
  const projects = new Set(all.map(({ project }) => project)).size;
  const attention = attentionGroups(all).length;
  const needs =
    attention === 0 ? 'nothing needs attention' : `${attention} need${attention === 1 ? 's' : ''} attention`;
  return `${count(projects, 'project')} · ${count(all.length, 'app')} · ${ready}/${wanted} ready · ${needs}`;
}

function NoApps() {
  return (
    <>
      <h1>Overview</h1>
      <Empty title="Nothing is declared yet">
        <p>Write what this host should run, and apply it:</p>
        <pre>
          <code>{'stateward init\nstateward plan\nstateward apply'}</code>
        </pre>
        <p class="muted">It appears here by itself.</p>
      </Empty>
    </>
  );
}
