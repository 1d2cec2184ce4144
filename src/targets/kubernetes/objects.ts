/** What every object of the API has. Fields of `spec` are those of the OpenAPI schema of Kubernetes. */
export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Seconds, as the API has most durations: rounded up, so that nothing is given less time than it was. */
export function seconds(milliseconds: number): number {
  return Math.ceil(milliseconds / 1000);
}
