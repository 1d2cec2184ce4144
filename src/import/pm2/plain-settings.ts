import { APP_FIELDS } from '../../spec/generated/fields.ts';
import type { Fields } from '../model/imported.ts';

const BOOLEAN = /^(?:text or )?boolean/;
const NUMBER = /^(?:list of integer|integer|duration|size|port|processors)/;

/** Settings as they are meant: PM2 takes numbers, true and false in quotes too, and has two names for each mode. */
export function plainSettings(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, plain(field, value)]));
}

function plain(field: string, value: unknown): unknown {
  if (field === 'exec_mode') return typeof value === 'string' ? value.replace(/_mode$/, '') : value;
  const type = APP_FIELDS[field]?.type ?? '';
  if (NUMBER.test(type)) return Array.isArray(value) ? value.map(numberOf) : numberOf(value);
  if (!BOOLEAN.test(type)) return value;
  return value === 'true' ? true : value === 'false' ? false : value;
}

function numberOf(value: unknown): unknown {
  const isNumber = typeof value === 'string' && /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value));
  return isNumber ? Number(value) : value;
}
