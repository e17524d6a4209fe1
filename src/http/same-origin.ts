import type { IncomingHttpHeaders } from 'node:http';

/**
 * Browsers let any page open a WebSocket anywhere, or read an event stream that answers with the right headers, without
 * asking first as they do for other requests: a page from elsewhere could write through the gateway of whoever looks at
 * it. Clients that are no browsers send no origin.
 */
export function isSameOrigin({ origin, host }: IncomingHttpHeaders): boolean {
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === host);
}
