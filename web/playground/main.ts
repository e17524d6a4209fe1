import { examples } from '../examples.js';

/** What middleware.js, which is loaded before, leaves behind. */
declare global {
  interface Window {
    GraphQLPlayground: { init(root: Element | null, options: object): void };
  }
}

const endpoint = `${location.origin}/graphql`;

// Nothing here comes from the address of the page: an endpoint in it would send what is typed elsewhere.
window.GraphQLPlayground.init(document.querySelector('#root'), {
  endpoint,
  subscriptionEndpoint: endpoint.replace(/^http/, 'ws'),
  // It would ask for the whole schema every two seconds.
  settings: { 'schema.polling.enable': false, 'request.credentials': 'same-origin' },
  tabs: examples.map((example) => ({ ...example, endpoint })),
});
