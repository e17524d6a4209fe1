/**
 * The token in what was typed or pasted, with or without `Bearer`; null when no header can carry it. Pure.
 */
export function parseToken(text: string): string | null {
  const token = text.trim().replace(/^Bearer\s+/i, '');
  return /^[\w.~+/=-]+$/.test(token) ? token : null;
}
