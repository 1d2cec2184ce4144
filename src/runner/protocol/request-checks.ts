import { signalNamed } from '../../lib/signals.ts';
import { RequestError } from './request-error.ts';

/** Looks at one value of a request; throws a RequestError that names it when it is not as it must be. */
export type Check = (value: unknown, name: string) => void;

export type Fields = Readonly<Record<string, unknown>>;

export const NONCE = /^[A-Za-z0-9_-]{1,128}$/;

export function fail(name: string, expected: string): never {
  throw new RequestError('bad-request', `${name}: expected ${expected}`);
}

export const aString: Check = (value, name) => {
  if (typeof value !== 'string') fail(name, 'a string');
};
export const aNumber: Check = (value, name) => {
  if (typeof value !== 'number' || !Number.isFinite(value)) fail(name, 'a number');
};
export const aMode: Check = (value, name) => {
  if (!Number.isInteger(value) || Number(value) < 0 || Number(value) > 0o777) fail(name, 'permission bits');
};
export const aBoolean: Check = (value, name) => {
  if (typeof value !== 'boolean') fail(name, 'true or false');
};
export const aNonce: Check = (value, name) => {
  if (typeof value !== 'string' || !NONCE.test(value)) fail(name, 'letters, digits, _ and -');
};
export const aSignal: Check = (value, name) => {
  if (typeof value !== 'string' || signalNamed(value) !== value) fail(name, 'the name of a signal');
};
export const aDaemonStream: Check = (value, name) => {
  if (value !== undefined && value !== 'stdout' && value !== 'stderr') fail(name, 'stdout or stderr');
};
export const aDelay: Check = (value, name) => {
  if (typeof value !== 'number' || !Number.isFinite(value) || value < 0) fail(name, 'milliseconds');
};
export const anAbsolutePath: Check = (value, name) => {
  if (typeof value !== 'string' || !value.startsWith('/')) fail(name, 'an absolute path');
};
export const anId: Check = (value, name) => {
  if (typeof value !== 'string' && !(Number.isInteger(value) && Number(value) >= 0))
    fail(name, 'a name or an id');
};

export const aMessage: Check = (value, name) => {
  if (value === undefined) fail(name, 'a message');
};

export function oneOf(...words: readonly string[]): Check {
  return (value, name) => {
    if (typeof value !== 'string' || !words.includes(value)) fail(name, words.join(' or '));
  };
}

export function orNull(check: Check): Check {
  return (value, name) => {
    if (value !== null) check(value, name);
  };
}

export function orAbsent(check: Check): Check {
  return (value, name) => {
    if (value !== undefined) check(value, name);
  };
}

export function listOf(check: Check): Check {
  return (value, name) => {
    if (!Array.isArray(value)) fail(name, 'a list');
    for (const [index, item] of value.entries()) check(item, `${name}[${index}]`);
  };
}

export const aCommand: Check = (value, name) => {
  listOf(aString)(value, name);
  if (!Array.isArray(value) || value.length === 0) fail(name, 'a program and its arguments');
};

export function tableOf(check: Check): Check {
  return (value, name) => {
    for (const [key, item] of Object.entries(fieldsOf(value, name))) check(item, `${name}.${key}`);
  };
}

export function shape(fields: Readonly<Record<string, Check>>): Check {
  return (value, name) => {
    const values = fieldsOf(value, name);
    for (const [field, check] of Object.entries(fields)) check(values[field], `${name}.${field}`);
  };
}

export function fieldsOf(value: unknown, name: string): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(name, 'an object');
  return value as Fields;
}

const INPUT_LIMIT = 32 * 1024;

export const anInput: Check = (value, name) => {
  if (typeof value !== 'string' || Buffer.byteLength(value) > INPUT_LIMIT)
    fail(name, 'at most 32 KiB of text');
};
