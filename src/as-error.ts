/** What was thrown, as an error: anything can be thrown. */
export const asError = (value: unknown): Error => (value instanceof Error ? value : new Error(String(value)));
