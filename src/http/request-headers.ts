/** The value of a header that may have been sent more than once; null when it was not. */
export function headerOf(value: string | readonly string[] | undefined): string | null {
  return typeof value === 'string' ? value : (value?.join(', ') ?? null);
}
