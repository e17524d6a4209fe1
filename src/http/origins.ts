import type { IncomingHttpHeaders } from 'node:http';

/*
 * Browsers let any page open a WebSocket anywhere, or read an event stream that answers with the right headers, without
 * asking first as they do for other requests: a page from elsewhere could write through the gateway of whoever looks at
 * it. Clients that are no browsers send no origin.
 */

/** Whether a request comes from a page of this gateway, or from no page. Its scheme is not compared: TLS may end before us. */
export function isSameOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}

/** The same, or from a page of one of these origins. */
export function isAllowedOrigin(headers: IncomingHttpHeaders, others: ReadonlySet<string>): boolean {
  return isSameOrigin(headers) || others.has(headers.origin ?? '');
}
