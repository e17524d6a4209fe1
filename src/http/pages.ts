import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { describeMissing } from './missing-page.js';
import type { PageName } from './page-names.js';
import { policyHeaders, type PagePolicy } from './page-policy.js';

/** A page for people, made ahead of time by `npm run pages`. */
export interface Page {
  /** Its folder below the directory of pages, and below /pages/ of the gateway. */
  readonly name: PageName;
  readonly path: string;
  readonly title: string;
  readonly policy: PagePolicy;
  /** What to open until it is there; null when there is nothing like it. */
  readonly instead: string | null;
}

export interface PagesOptions {
  /** Those that are served. */
  readonly pages: readonly PageName[];
  /** Whether who asks must show a token: then a link to the schema would lead nowhere. */
  readonly needToken: boolean;
  /** Where built pages are; one that is built while the gateway runs is served from then on. */
  readonly directory: string;
  /** Makes the text of the schema; null where clients may not read it. */
  readonly printSchema: (() => string) | null;
}

const knownPages: readonly Page[] = [
  { name: 'console', path: '/', title: 'Console', policy: 'strict', instead: null },
  { name: 'graphiql', path: '/graphiql', title: 'GraphiQL', policy: 'inline-styles', instead: '/playground' },
  {
    name: 'playground',
    path: '/playground',
    title: 'GraphQL Playground',
    policy: 'inline-styles',
    instead: '/graphiql',
  },
];

export const schemaPath = '/schema.graphql';

const knownPaths = [
  ['/graphql', 'GraphQL: POST, GET, WebSocket'],
  [schemaPath, 'its schema'],
  ['/', 'the console'],
  ['/graphiql', 'GraphiQL'],
  ['/playground', 'GraphQL Playground'],
  ['/livez', 'whether this process answers'],
  ['/readyz', 'whether a leader is writable'],
] as const;

/** A year, the most that caches look at: a file that changes gets another name. */
const forEver = 'public, max-age=31536000, immutable';

/**
 * The pages for people, all from this process. What a page consists of lies under `/pages/<name>/assets/`, with names
 * that change when the contents do.
 */
export function addPages(app: FastifyInstance, options: PagesOptions): void {
  const { directory, printSchema, needToken } = options;
  const pages = knownPages.filter(({ name }) => options.pages.includes(name));
  const pagePaths: ReadonlySet<unknown> = new Set(pages.map(({ path }) => path));
  const names: ReadonlySet<unknown> = new Set(pages.map(({ name }) => name));
  const links = pages.map(({ path }) => path);
  if (printSchema !== null && !needToken) links.push(schemaPath);
  void app.register(fastifyStatic, {
    root: directory,
    prefix: '/pages/',
    // Below /pages/ nothing but assets: neither an index.html at a second address, nor what the build notes for itself.
    allowedPath: (path, _root, { routeOptions }) =>
      pagePaths.has(routeOptions.url) || names.has(/^\/([\w-]+)\/assets\//.exec(path)?.[1]),
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders(reply, path) {
      // A page is sent by its route, which has said how.
      if (path.replace(/\.(?:br|gz)$/, '').endsWith('.html')) return;
      reply.setHeader('cache-control', forEver);
      // Workers take theirs from the file they are loaded from.
      for (const [name, value] of policyHeaders('strict')) reply.setHeader(name, value);
    },
  });
  for (const page of pages) {
    app.get(page.path, (request, reply) => {
      // For the script of the page, which links to nothing that is not there.
      void reply.header('x-pages', links.join(' '));
      return sendPage(page, { directory, links, request, reply });
    });
  }
  if (printSchema !== null) {
    let schema: string | null = null;
    app.get(schemaPath, async (_request, reply) => {
      void reply.type('text/plain; charset=utf-8');
      return (schema ??= printSchema());
    });
  }
}

interface Exchange {
  readonly directory: string;
  /** Other pages that are served. */
  readonly links: readonly string[];
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

async function sendPage(page: Page, { directory, links, request, reply }: Exchange): Promise<FastifyReply> {
  const file = join(page.name, 'index.html');
  if (await isFile(join(directory, file))) {
    void reply.headers(Object.fromEntries(policyHeaders(page.policy)));
    // May be kept, but must be asked about: it names the assets, which are kept for ever.
    return reply.header('cache-control', 'no-cache').sendFile(file);
  }
  void reply.header('cache-control', 'no-store').header('vary', 'accept');
  if (page.path === '/' && !acceptsHtml(request)) {
    return reply.type('text/plain; charset=utf-8').send(summaryOf(links));
  }
  const { html, headers } = describeMissing(page, links);
  return reply.code(503).headers(headers).type('text/html; charset=utf-8').send(html);
}

/** What `/` says to programs as long as there is no console. */
function summaryOf(links: readonly string[]): string {
  const optional = new Set<string>([schemaPath, ...knownPages.map(({ path }) => path)]);
  const lines = knownPaths
    .filter(([path]) => !optional.has(path) || links.includes(path))
    .map(([path, what]) => `${path.padEnd(16)} ${what}\n`);
  return `Employee gateway\n\n${lines.join('')}`;
}

const acceptsHtml = ({ headers: { accept = '' } }: FastifyRequest): boolean => accept.includes('text/html');

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
