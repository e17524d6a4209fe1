import 'graphiql/setup-workers/vite';
import 'graphiql/style.css';
import './page.css';
import { createGraphiQLFetcher, type Fetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { Kind, parse, type DocumentNode } from 'graphql';
import { createElement, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { credentialsOf } from '../credentials.js';
import { examples } from '../examples.js';
import { servedPages } from '../own-page.js';
import { createSocketClient } from '../socket-client.js';
import { refuseToken, tokenState } from '../token-store.js';

const url = `${location.origin}/graphql`;
const link = document.querySelector('#link');
const say = (text: string) => {
  if (link !== null) link.textContent = text;
};
/** It is the console that asks for one: whoever comes back from there loads this page anew. */
const { token } = tokenState();
const wsClient = createSocketClient({
  url,
  token,
  refused(reason) {
    refuseToken(token, reason);
    say(`${reason}. Subscriptions need a token that the console was given in this tab.`);
  },
  tell(news) {
    say(
      news === 'lost'
        ? 'The gateway does not answer. Trying again by itself; subscriptions go on when it is back.'
        : '',
    );
  },
});
const send = createGraphiQLFetcher({
  url,
  wsClient,
  fetch(input: RequestInfo | URL, init?: RequestInit) {
    // What the editor of headers says of it counts.
    const headers = new Headers({ ...credentialsOf(token) });
    for (const [name, value] of new Headers(init?.headers)) headers.set(name, value);
    return fetch(input, { ...init, headers });
  },
});

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

const otherPages = [
  { href: '/', name: 'Console' },
  { href: '/playground', name: 'Playground' },
  { href: '/schema.graphql', name: 'schema.graphql', download: 'schema.graphql' },
];

/** Those that are served; all, when that cannot be told. */
function PageLinks() {
  const [links, setLinks] = useState<typeof otherPages>([]);
  useEffect(() => {
    void servedPages().then((served) =>
      setLinks(otherPages.filter(({ href }) => served === null || served.has(href))),
    );
  }, []);
  return createElement(
    'nav',
    { className: 'page-links', 'aria-label': 'Other pages' },
    links.map(({ name, ...rest }) => createElement('a', { key: name, ...rest }, name)),
  );
}

const root = document.querySelector('#root');
if (root !== null) {
  createRoot(root).render(
    createElement(
      GraphiQL,
      {
        fetcher,
        defaultTabs: examples.map(({ query }) => ({ query })),
      },
      createElement(GraphiQL.Logo, null, createElement(PageLinks)),
    ),
  );
}
