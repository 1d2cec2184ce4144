import { COMPOSE_RULES } from '../../../src/targets/compose/rules.ts';
import { renderCompose } from '../../../src/targets/compose/render.ts';
import type { ComposeProject } from '../../../src/targets/compose/model.ts';
import type { FieldRules } from '../../../src/targets/model/field-rules.ts';
import type { Rendered } from '../../../src/targets/model/rendered.ts';
import { NOMAD_RULES } from '../../../src/targets/nomad/rules.ts';
import { renderNomad } from '../../../src/targets/nomad/render.ts';
import type { NomadProject } from '../../../src/targets/nomad/model.ts';
import { SYSTEMD_RULES } from '../../../src/targets/systemd/rules.ts';
import { renderSystemd } from '../../../src/targets/systemd/render.ts';
import type { SystemdProject } from '../../../src/targets/systemd/model.ts';
import type { AppSpec } from '../../../src/spec/types.ts';

const PROJECT = { project: 'shop', root: '/srv/shop', perProcessor: new Set<string>() };

export function compose(apps: readonly AppSpec[], more: Partial<ComposeProject> = {}) {
  return renderCompose({ ...PROJECT, image: 'registry.test/shop:1', folder: '/app', ...more, apps });
}

export function systemd(apps: readonly AppSpec[], more: Partial<SystemdProject> = {}) {
  const host = { node: '/usr/bin/node', user: 'app', secrets: '/etc/stateward' };
  return renderSystemd([{ ...PROJECT, host, ...more, apps }]);
}

export function nomad(apps: readonly AppSpec[], more: Partial<NomadProject> = {}) {
  const around = { image: 'registry.test/shop:1', folder: '/app', node: '/usr/bin/node' };
  return renderNomad([{ ...PROJECT, ...around, ...more, apps }]);
}

/** The places that a file can only be printed for, by the heads of the columns of the docs. */
export const PLACES: Readonly<
  Record<
    string,
    { readonly rules: FieldRules<never>; readonly render: (apps: readonly AppSpec[]) => Rendered<unknown> }
  >
> = {
  Compose: { rules: COMPOSE_RULES, render: (apps) => compose(apps) },
  systemd: { rules: SYSTEMD_RULES, render: (apps) => systemd(apps) },
  Nomad: { rules: NOMAD_RULES, render: (apps) => nomad(apps) },
};

/** `field: message` of all diagnostics of a severity. */
export function saidOf(rendered: Rendered<unknown>, severity: 'error' | 'warning'): readonly string[] {
  return rendered.diagnostics
    .filter((diagnostic) => diagnostic.severity === severity)
    .map(({ field, message }) => `${field}: ${message}`);
}
