import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { Kind, parse, type DocumentNode } from 'graphql';
import { createElement } from 'react';
import { createRoot } from 'react-dom/client';
import { examples } from '../examples.js';
import { createSocketClient } from '../socket-client.js';

const url = `${location.origin}/graphql`;
const link = document.querySelector('#link');
const wsClient = createSocketClient({
  url,
  tell(news) {
    if (link === null) return;
    link.textContent =
      news === 'lost'
        ? 'The gateway does not answer. Trying again by itself; subscriptions go on when it is back.'
        : '';
  },
});
const send = createGraphiQLFetcher({ url, wsClient });

/**
 * GraphiQL takes the kind and the name of the operation from what its editor has parsed a moment after the last change:
 * who is faster would have a subscription sent by HTTP, or be told that there is no operation of an older name.
 */
const fetcher: Fetcher = (params, options) => {
  const document = parseOrNull(params.query);
  if (document === null) return send(params, options);
  const names = document.definitions.flatMap((each) =>
    each.kind === Kind.OPERATION_DEFINITION ? [each.name?.value ?? null] : [],
  );
  const operationName = (names.length === 1 ? names[0] : params.operationName) ?? null;
  return send({ ...params, operationName }, { ...options, documentAST: document });
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
        defaultTabs: examples.map(({ query }) => ({ query })),
      },
      createElement(GraphiQL.Logo, null, links),
    ),
  );
}
