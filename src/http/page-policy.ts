/**
 * What a page may do. `strict`: run scripts, use styles and open connections of our own origin, and nothing else.
 * `inline-styles`: the same, but its editor makes styles while it runs, as Monaco and CodeMirror do.
 */
export type PagePolicy = 'strict' | 'inline-styles';

/**
 * The headers of a page: no script but from a file of ours, no eval, no request to any other origin (`'self'` includes
 * WebSockets to it), and no other site may show it in a frame. `styleHash` allows one style that is part of the page.
 */
export function policyHeaders(
  policy: PagePolicy,
  { styleHash = null }: { styleHash?: string | null } = {},
): readonly (readonly [string, string])[] {
  const styles =
    policy === 'inline-styles' ? " 'unsafe-inline'" : styleHash === null ? '' : ` 'sha256-${styleHash}'`;
  const rules = [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self'${styles}`,
    "img-src 'self' data:",
    "font-src 'self' data:",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ];
  return [
    ['content-security-policy', rules.join('; ')],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'same-origin'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cross-origin-resource-policy', 'same-origin'],
  ];
}
