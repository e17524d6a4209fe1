import { createHash } from 'node:crypto';
import { policyHeaders } from './page-policy.js';

/** What is said of a page that has not been built. */
export interface MissingPage {
  readonly title: string;
  readonly instead: string | null;
}

const style =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:4rem auto;padding:0 1rem}code{font-size:.9em}';
const styleHash = createHash('sha256').update(style).digest('base64');

/** An honest answer, with its headers: what is missing, how to get it, and what of `links` works meanwhile. */
export function describeMissing(
  { title, instead }: MissingPage,
  links: readonly string[],
): {
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
} {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}: not built yet</title>
<style>${style}</style>
</head>
<body>
<h1>${title} has not been built</h1>
<p>The gateway works; only this page is missing. <code>npm ci</code> builds it, unless scripts or development dependencies
were left out, or its files could not be fetched. <code>npm start</code> builds what is missing once the gateway
answers: load this page again in a moment.</p>
<p>To build it now, or to see why that fails: <code>npm run pages</code>. There is no need to start the gateway again.</p>
<ul>
${instead === null || !links.includes(instead) ? '' : `<li><a href="${instead}">${instead}</a> does much the same</li>\n`}<li><code>/graphql</code> answers operations: POST, GET, WebSocket</li>
${links.includes('/schema.graphql') ? '<li><a href="/schema.graphql">/schema.graphql</a> is the schema</li>\n' : ''}<li><a href="/readyz">/readyz</a> tells whether a leader is writable</li>
</ul>
</body>
</html>
`;
  return { html, headers: Object.fromEntries(policyHeaders('strict', { styleHash })) };
}
