import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { parse, type DocumentNode } from 'graphql';
import { createClient } from 'graphql-ws';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { examples } from '../examples.js';

const url = `${location.origin}/graphql`;
const send = createGraphiQLFetcher({
  url,
  wsClient: createClient({ url: url.replace(/^http/, 'ws'), retryAttempts: Infinity }),
});

/**
 * GraphiQL tells a subscription from a query by a document that its editor parses a moment after the last key: who is
 * faster would have it sent by HTTP, which serves no subscription.
 */
const fetcher: Fetcher = (params, options) => {
  const documentAST = parseOrNull(params.query) ?? options?.documentAST;
  return send(params, { ...options, ...(documentAST && { documentAST }) });
};

function parseOrNull(text: string): DocumentNode | null {
  try {
    return parse(text);
  } catch {
    // What is wrong with it is for the gateway to say.
    return null;
  }
}

const links = createElement(
  'nav',
  { className: 'page-links', 'aria-label': 'Other pages' },
  createElement('a', { href: '/' }, 'Console'),
  createElement('a', { href: '/playground' }, 'Playground'),
  createElement('a', { href: '/schema.graphql', download: 'schema.graphql' }, 'schema.graphql'),
);

const root = document.querySelector('#root');
if (root !== null) {
  createRoot(root).render(
    createElement(
      GraphiQL,
      {
        fetcher,
        defaultTabs: examples.map(({ query, variables }) => ({ query, variables })),
      },
      createElement(GraphiQL.Logo, null, links),
    ),
  );
}
