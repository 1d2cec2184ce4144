import type { App, InstanceStatus } from '../../api/contract/wire/apps.ts';
import { appKey } from '../../lib/app-key.ts';
import { groupBy } from '../../lib/collections.ts';
import { best } from '../model/fuzzy.ts';

/** One row of the list of apps; heights in pixels, as the style sheet has them. */
export type Row = { readonly key: string; readonly height: number } & (
  | { readonly kind: 'project'; readonly project: string; readonly apps: readonly App[] }
  | { readonly kind: 'app'; readonly app: App; readonly isOpen: boolean }
  | { readonly kind: 'instance'; readonly app: App; readonly instance: InstanceStatus }
);

interface Shown {
  readonly filter: string;
  /** Apps whose instances are shown. */
  readonly open: ReadonlySet<string>;
  readonly isNarrow: boolean;
}

const HEIGHTS = { project: 44, app: 40, narrow: 84, instance: 34 };

/** Projects with their apps, each with its instances where they are shown. Filtered apps stand without projects, the best first. */
export function rowsOf(all: readonly App[], shown: Shown): readonly Row[] {
  const nameOf = ({ project, name }: App): string => `${project}/${name}`;
  if (shown.filter.trim() !== '') {
    return best(shown.filter, all, nameOf).flatMap((app) => appRows(app, shown));
  }
  const projects = groupBy(all, ({ project }) => project);
  return [...projects].flatMap(([project, apps]): readonly Row[] => [
    { kind: 'project', key: project, height: HEIGHTS.project, project, apps },
    ...apps.flatMap((app) => appRows(app, shown)),
  ]);
}

function appRows(app: App, { open, isNarrow }: Shown): readonly Row[] {
  const key = appKey(app.project, app.name);
  const isOpen = open.has(key);
  const row: Row = { kind: 'app', key, height: isNarrow ? HEIGHTS.narrow : HEIGHTS.app, app, isOpen };
  if (!isOpen) return [row];
  return [
    row,
    ...app.status.instances.map((instance): Row => ({
      ...{ kind: 'instance', key: `${key}:${instance.slot}:${instance.pid ?? ''}`, height: HEIGHTS.instance },
      ...{ app, instance },
    })),
  ];
}
