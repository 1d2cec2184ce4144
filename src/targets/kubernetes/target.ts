import type { App, AppList } from '../../api/contract/wire/apps.ts';
import type { LogLine } from '../../api/contract/wire/logs.ts';
import { splitAppKey } from '../../lib/app-key.ts';
import type { Failure } from '../../lib/failure.ts';
import { err, ok, type Result } from '../../lib/result.ts';
import type { ProjectSource } from '../../spec/types.ts';
import type {
  Target,
  TargetApplying,
  TargetLogs,
  TargetOutcome,
  TargetScope,
  TargetWaiting,
} from '../model/target.ts';
import type { Cluster } from './cluster/cluster.ts';
import { kubectlProxy } from './cluster/proxy.ts';
import { ProxiedCluster } from './cluster/proxied-cluster.ts';
import type { ClusterPlace } from './cluster/refusals.ts';
import { staleness } from './live/basis.ts';
import { allOf, lookAt } from './live/look-at.ts';
import { planDocument, type FoundProject, type KubernetesPlan } from './live/plan-document.ts';
import { appObjects } from './live/project-objects.ts';
import { renderKubernetes, type RenderedKubernetes } from './render.ts';
import { applyApps, type ApplyingHow } from './rollout/apply-apps.ts';
import { deleteApps } from './rollout/delete-apps.ts';
import { rollBack } from './rollout/rollback.ts';
import type { KubernetesProject } from './settings.ts';
import {
  doubtsOf,
  isImageUnknown,
  isMeant,
  namesOf,
  plannedImages,
  publishImages,
  withImages,
  type ImageNames,
  type Images,
} from './images.ts';
import { appStatus } from './status/app-status.ts';
import { appsThere, type AppThere } from './status/apps-there.ts';
import { loggingPods } from './status/logging-pods.ts';
import { podLogs } from './status/pod-logs.ts';

/** A project with the files that declare it. */
export interface DeclaredProject extends KubernetesProject {
  readonly source: ProjectSource;
}

/** What is needed to open a cluster for some projects. */
export interface KubernetesAt {
  readonly projects: readonly DeclaredProject[];
  readonly place: ClusterPlace;
  /** That was named on the command line; null: none. */
  readonly image: string | null;
  /** Chooses the images that are made for projects that name none. */
  readonly chooseImages: () => Promise<Result<Images, Failure>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const EVERYTHING: TargetScope = { prune: true, only: null, allowWipe: true, forceConflicts: false };

/** Opens a cluster: starts what speaks to it, and asks whether it is there. */
export async function openKubernetes(at: KubernetesAt): Promise<Result<Target, Failure>> {
  const proxy = await kubectlProxy(at.place, at.env);
  if (!proxy.ok) return proxy;
  const { socket, close } = proxy.value;
  const cluster = await ProxiedCluster.open(socket, at.place);
  if (!cluster.ok) {
    close();
    return cluster;
  }
  const images = await at.chooseImages();
  if (images.ok) return ok(new KubernetesTarget(at, cluster.value, images.value, close));
  close();
  return images;
}

/** Kubernetes, for the projects of some files. */
export class KubernetesTarget implements Target {
  readonly name = 'kubernetes';
  readonly #at: KubernetesAt;
  readonly #cluster: Cluster;
  readonly #images: Images;
  readonly #closeCluster: () => void;
  #names: ImageNames;

  constructor(at: KubernetesAt, cluster: Cluster, images: Images, close: () => void) {
    this.#at = at;
    this.#cluster = cluster;
    this.#images = images;
    this.#names = namesOf(images.known);
    this.#closeCluster = close;
  }

  close(): void {
    this.#closeCluster();
    for (const image of this.#images.known) image.close();
  }

  get place(): string {
    const { context, namespace } = this.#at.place;
    return `context ${context}, namespace ${namespace}`;
  }

  get doubts(): readonly Failure[] {
    return doubtsOf(this.#images);
  }

  render(): RenderedKubernetes {
    return renderKubernetes(this.#projects);
  }

  async plan(scope: TargetScope): Promise<Result<KubernetesPlan, Failure>> {
    const found = await this.#found(scope.forceConflicts);
    if (!found.ok) return found;
    const { place, image } = this.#at;
    const { context, namespace } = place;
    const images = plannedImages(this.#images.known);
    return ok(planDocument(found.value, scope, { context, namespace, image, ...images }));
  }

  async apply({
    scope,
    basis,
    accepted,
    ...waiting
  }: TargetApplying): Promise<Result<TargetOutcome, Failure>> {
    const plan = await this.plan(scope);
    if (!plan.ok) return plan;
    const { document } = plan.value;
    const stale = basis === null ? null : staleness(basis, document);
    if (stale !== null) return err(stale);
    if (document.guard !== null) return err(document.guard);
    accepted(plan.value);
    const published = await this.#published(plan.value, scope, waiting);
    if (!published.ok) return published;
    const { apps } = published.value;
    const changing = new Set(
      published.value.document.changes.flatMap(({ app, kind }) => (kind === 'unchanged' ? [] : [app])),
    );
    const how = this.#how(waiting, scope.forceConflicts);
    const outcome = { done: [] as TargetOutcome['done'][number][], failures: [] as Failure[] };
    for (const { project, apps: specs } of this.#at.projects) {
      const own = apps.filter(({ key }) => splitAppKey(key).project === project);
      const applied = await applyApps({ project, specs, apps: own, changing }, how);
      if (!applied.ok) return applied;
      outcome.done.push(...applied.value.done);
      outcome.failures.push(...applied.value.failures);
      if (waiting.signal.aborted) break;
    }
    return ok(outcome);
  }

  async status(): Promise<Result<AppList, Failure>> {
    const there = await this.#there();
    if (!there.ok) return there;
    const items = there.value.map(({ app, project, parts }): App => {
      const { document } = planDocument([project], EVERYTHING, { ...this.#at.place, image: null });
      const change = document.changes.find((one) => one.app === app.key);
      const isKnown = project.isKnown && !isImageUnknown(this.#images, project.project, app.spec);
      return appStatus(app, { ...parts, isSynced: isKnown ? change?.kind === 'unchanged' : null });
    });
    return ok({ apiVersion: 'v1', kind: 'AppList', items });
  }

  async logs(asked: TargetLogs): Promise<Result<AsyncIterable<Result<LogLine, Failure>>, Failure>> {
    const there = await this.#there();
    if (!there.ok) return there;
    const nameOf = ({ app }: AppThere): string => splitAppKey(app.key).name;
    const unknown = asked.apps.find((name) => !there.value.some((one) => nameOf(one) === name));
    if (unknown !== undefined) return err(this.#unknown(unknown));
    const meant = there.value.filter((one) => asked.apps.length === 0 || asked.apps.includes(nameOf(one)));
    const pods = meant.flatMap(({ app, parts }) => loggingPods(app, parts));
    return ok(podLogs(this.#cluster, pods, asked));
  }

  async rollback(
    app: string,
    to: number | null,
    waiting: TargetWaiting,
  ): Promise<Result<TargetOutcome, Failure>> {
    const found = await this.#found(null);
    if (!found.ok) return found;
    for (const project of found.value) {
      const objects = appObjects(project, EVERYTHING).find(({ key }) => splitAppKey(key).name === app);
      if (objects !== undefined) return rollBack(objects, project.histories, to, this.#how(waiting, true));
    }
    return err(this.#unknown(app));
  }

  async delete(
    apps: readonly string[],
    { allowWipe, ...waiting }: TargetWaiting & Pick<TargetScope, 'allowWipe'>,
  ): Promise<Result<TargetOutcome, Failure>> {
    const found = await this.#found(null);
    if (!found.ok) return found;
    const there = found.value.flatMap((project) => appObjects(project, EVERYTHING));
    const unknown = apps.find((name) => !there.some(({ key }) => splitAppKey(key).name === name));
    if (unknown !== undefined) return err(this.#unknown(unknown));
    const meant = there.filter(({ key }) => apps.length === 0 || apps.includes(splitAppKey(key).name));
    return deleteApps(this.#cluster, meant, { ...waiting, allowWipe });
  }

  get #projects(): readonly DeclaredProject[] {
    return withImages(this.#at.projects, this.#names);
  }

  /** The plan, once the images that it needs are there: one that was built for it has its name only then. */
  async #published(
    plan: KubernetesPlan,
    scope: TargetScope,
    waiting: TargetWaiting,
  ): Promise<Result<KubernetesPlan, Failure>> {
    const meant = this.#images.known.filter(({ project }) => isMeant(project, plan.apps));
    const published = await publishImages(meant, waiting);
    if (!published.ok) return published;
    if ([...published.value].every(([project, name]) => this.#names.get(project) === name)) return ok(plan);
    this.#names = new Map([...this.#names, ...published.value]);
    const named = await this.plan(scope);
    return named.ok && named.value.document.guard !== null ? err(named.value.document.guard) : named;
  }

  async #there(): Promise<Result<readonly AppThere[], Failure>> {
    const found = await this.#found(null);
    return found.ok ? appsThere(this.#cluster, found.value) : found;
  }

  #how(waiting: TargetWaiting, force: boolean): ApplyingHow {
    return { ...waiting, cluster: this.#cluster, force, deadline: performance.now() + waiting.timeoutMs };
  }

  /** `force`: fields that others have set; null: only what is there matters, also to who may not apply anything. */
  async #found(force: boolean | null): Promise<Result<readonly FoundProject[], Failure>> {
    return allOf(this.#projects, async (project) => {
      const seen = await lookAt(this.#cluster, project, force);
      return seen.ok ? ok({ ...seen.value, source: project.source }) : seen;
    });
  }

  #unknown(app: string): Failure {
    return {
      code: 'SELECTOR_NOT_FOUND',
      message: `no app is called ${app}, in the file or there`,
      hint: 'stateward get --target kubernetes lists them',
    };
  }
}
