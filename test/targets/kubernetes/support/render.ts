import { renderKubernetes, type RenderedKubernetes } from '../../../../src/targets/kubernetes/render.ts';
import type { KubernetesProject, KubernetesSettings } from '../../../../src/targets/kubernetes/settings.ts';
import type { AppSpec } from '../../../../src/spec/types.ts';

export const SETTINGS: KubernetesSettings = {
  namespace: 'shop',
  image: 'registry.test/shop:1',
  folder: '/app',
  secret: null,
};

/** Specs of tests have their file in /srv/shop. */
export function render(
  apps: readonly AppSpec[],
  more: Partial<Omit<KubernetesProject, 'apps'>> = {},
): RenderedKubernetes {
  return renderKubernetes([{ project: 'shop', root: '/srv/shop', settings: SETTINGS, ...more, apps }]);
}

/** `field: message` of all diagnostics of a severity. */
export function said(rendered: RenderedKubernetes, severity: 'error' | 'warning'): readonly string[] {
  return rendered.diagnostics
    .filter((diagnostic) => diagnostic.severity === severity)
    .map(({ field, message }) => `${field}: ${message}`);
}
