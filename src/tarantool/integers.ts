/** Integers of this size and below are what msgpack-lite itself encodes as integers. */
const min32 = -(2 ** 31);
const max32 = 2 ** 31 - 1;

/**
 * Replaces each integer beyond 32 bits, at any depth, by what `pack` makes of it: the driver would send it as a double.
 * What has none is returned as it is, not copied: that is nearly always so.
 */
export function packIntegers(value: unknown, pack: (integer: number) => unknown): unknown {
  if (typeof value === 'number') return needsPacking(value) ? pack(value) : value;
  if (Array.isArray(value)) return packArray(value, pack);
  if (isPlainObject(value)) return packObject(value, pack);
  return value;
}

/** Beyond 2^53 an integer is not exact: that is a measurement, and goes as the double it is. */
function needsPacking(value: number): boolean {
  return (value > max32 || value < min32) && Number.isSafeInteger(value);
}

function packArray(items: readonly unknown[], pack: (integer: number) => unknown): readonly unknown[] {
  let copy: unknown[] | null = null;
  for (const [index, item] of items.entries()) {
    const packed = packIntegers(item, pack);
    if (packed === item) continue;
    copy ??= [...items];
    copy[index] = packed;
  }
  return copy ?? items;
}

function packObject(fields: Readonly<Record<string, unknown>>, pack: (integer: number) => unknown): unknown {
  let copy: Record<string, unknown> | null = null;
  for (const key in fields) {
    const packed = packIntegers(fields[key], pack);
    if (packed === fields[key]) continue;
    copy ??= { ...fields };
    copy[key] = packed;
  }
  return copy ?? fields;
}

/** Not a Buffer, a Date or anything else that the driver encodes in a way of its own. */
function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}
