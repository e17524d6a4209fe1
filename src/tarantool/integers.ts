/** Integers of this size and below are what the codec itself encodes as integers; others it would send as doubles. */
const min32 = -(2 ** 31);
const max32 = 2 ** 31 - 1;

/**
 * Replaces each integer beyond 32 bits, at any depth, by a bigint: the codec would send it as a double.
 * What has none is returned as it is, not copied: that is nearly always so.
 */
export function packIntegers(value: unknown): unknown {
  if (typeof value === 'number') return needsPacking(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return packArray(value);
  if (isPlainObject(value)) return packObject(value);
  return value;
}

/** Beyond 2^53 an integer is not exact: that is a measurement, and goes as the double it is. */
function needsPacking(value: number): boolean {
  return (value > max32 || value < min32) && Number.isSafeInteger(value);
}

function packArray(items: readonly unknown[]): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (let index = 0; index < items.length; index += 1) {
    const item = items[index];
    const packed = packIntegers(item);
    if (packed === item) continue;
    copy ??= [...items];
    copy[index] = packed;
  }
  return copy ?? items;
}

function packObject(fields: Readonly<Record<string, unknown>>): unknown {
  let copy: Record<string, unknown> | null = null;
  for (const key in fields) {
    const packed = packIntegers(fields[key]);
    if (packed === fields[key]) continue;
    copy ??= { ...fields };
    copy[key] = packed;
  }
  return copy ?? fields;
}

/** Not a Buffer, a Date or anything else that the codec encodes in a way of its own. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
