import { Ajv, type ValidateFunction } from 'ajv';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { OWN_KINDS } from '../../src/targets/kubernetes/cluster/kinds.ts';
import type { KubernetesObject } from '../../src/targets/kubernetes/objects.ts';
import { at, listAt, textAt, type Fields } from '../../src/targets/kubernetes/live/fields.ts';
import { ANY_APPS, RENDERED } from '../targets/kubernetes/support/examples.ts';
import { render } from '../targets/kubernetes/support/render.ts';
import { LabApi } from './lab/api.ts';

/** What came with later releases than the oldest, by the kinds that it is in: the cluster says so, and so do the docs. */
const LATER: Readonly<Record<string, readonly string[]>> = {
  CronJob: ['timeZone', 'completionMode'],
  Job: ['completionMode', 'suspend'],
  StatefulSet: ['minReadySeconds'],
  Deployment: ['grpc'],
};

let validators: ReadonlyMap<string, ValidateFunction>;

beforeAll(async () => {
  const api = new LabApi(process.env['KUBE_LAB'] ?? '');
  const { definitions } = await api.ok('GET', '/openapi/v2');
  api.close();
  validators = compiled(definitions as Fields);
}, 120_000);

describe('by the schemas of the cluster', () => {
  it.each(RENDERED)('%s is what it takes', (_, objects) => {
    for (const object of objects) expect([object.kind, faults(object)]).toEqual([object.kind, []]);
  });

  it('any apps are', () => {
    fc.assert(
      fc.property(ANY_APPS, (apps) => {
        for (const object of render(apps).objects)
          expect([object.kind, faults(object)]).toEqual([object.kind, []]);
      }),
    );
  });
});

/** The schema of each kind, by its name; of several versions the last, which is the newest there. */
function compiled(definitions: Fields): ReadonlyMap<string, ValidateFunction> {
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  ajv.addSchema({ $id: 'api', definitions: strict(definitions) });
  return new Map(
    OWN_KINDS.flatMap((kind) =>
      Object.entries(definitions)
        .filter(([, schema]) => {
          const names = listAt(schema, 'x-kubernetes-group-version-kind');
          return (
            names.length === 1 && names[0]?.['kind'] === kind && /^v1/.test(textAt(names[0], 'version') ?? '')
          );
        })
        .map(([name]) => [kind, ajv.compile({ $ref: `api#/definitions/${name}` })] as const),
    ),
  );
}

/** The same schema, which takes no field that it does not know. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== 'object' || schema === null) return schema;
  if (at(schema, 'format') === 'int-or-string') return { type: ['integer', 'string'] };
  const parts = Object.fromEntries(Object.entries(schema).map(([key, part]) => [key, strict(part)]));
  return typeof parts['properties'] === 'object' && parts['type'] === 'object'
    ? { ...parts, additionalProperties: false }
    : parts;
}

function faults(object: KubernetesObject): readonly string[] {
  const validate = validators.get(object.kind);
  if (validate === undefined) return [`no schema of ${object.kind}`];
  const isValid: boolean = validate(object);
  if (isValid) return [];
  return (validate.errors ?? [])
    .filter(({ params }) => !LATER[object.kind]?.includes(String(params['additionalProperty'])))
    .map(({ instancePath, message, params }) => `${instancePath} ${message ?? ''} ${JSON.stringify(params)}`);
}
