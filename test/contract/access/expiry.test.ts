import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { waitFor } from '../../../src/trial/wait-for.js';
import { TokenIssuer } from '../../support/token-issuer.js';
import type { GatewayUnderTest } from '../http/gateway-under-test.js';
import { openSocket } from '../http/raw-socket.js';
import { startGatewayWithIdentities } from './gateway-with-identities.js';

/* Who listens for long is listening no longer than the token lasts. */

let issuer: TokenIssuer;
let gateway: GatewayUnderTest;
beforeEach(async () => {
  issuer = await TokenIssuer.start();
  ({ gateway } = await startGatewayWithIdentities({ JWT_JWKS_URL: issuer.url }));
});
afterEach(async () => {
  await gateway.stop();
  await issuer.close();
});

const watch = 'subscription { leadershipChanged { kind } }';

/** A token that ends in a moment. */
async function brief(): Promise<{ readonly authorization: string; readonly endsAt: number }> {
  const endsAt = Date.now() + 500;
  return { authorization: `Bearer ${await issuer.token({ claims: { exp: endsAt / 1_000 } })}`, endsAt };
}

const lasting = async () => ({ authorization: `Bearer ${await issuer.token()}` });

describe.each([
  ['graphql-transport-ws', 'subscribe', 'next'],
  ['graphql-ws', 'start', 'data'],
])('a socket of the sub-protocol %s', (protocol, begin, result) => {
  test('is closed when its token ends, in the middle of a subscription', async () => {
    const { authorization, endsAt } = await brief();
    const socket = await openSocket(gateway.socketUrl, { protocols: [protocol] });
    socket.send({ type: 'connection_init', payload: { authorization } });
    expect(await socket.next()).toMatchObject({ type: 'connection_ack' });
    socket.send({ id: '1', type: begin, payload: { query: watch } });
    await waitFor('it listens', async () => JSON.stringify(await socket.next()).includes(`"${result}"`));
    expect(await socket.closed).toEqual({ code: 4403, reason: 'The token has expired' });
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
    await waitFor('nobody listens', () => gateway.replicaSet.listenerCount === 0);
  });
});

const url = () => `${gateway.url}/graphql/stream`;

describe('an event stream', () => {
  test('of a subscription is cut when its token ends, and does not say that it is complete', async () => {
    const { authorization, endsAt } = await brief();
    const response = await fetch(`${url()}?query=${encodeURIComponent(watch)}`, {
      headers: { accept: 'text/event-stream', authorization },
    });
    const text = await response.text();
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
    expect(text).toContain('"CURRENT"');
    expect(text).not.toContain('complete');
  });

  test('that is shared ends with the first of its tokens', async () => {
    const [{ authorization, endsAt }, first] = [await brief(), await lasting()];
    const token = await (await fetch(url(), { method: 'PUT', headers: first })).text();
    const shared = { 'x-graphql-event-stream-token': token };
    const stream = await fetch(url(), { headers: { ...first, ...shared, accept: 'text/event-stream' } });
    const accepted = await fetch(url(), {
      method: 'POST',
      headers: { ...shared, authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ query: watch, extensions: { operationId: '1' } }),
    });
    expect(accepted.status).toBe(202);
    expect(await stream.text()).toContain('"CURRENT"');
    expect(Date.now()).toBeGreaterThanOrEqual(endsAt);
  });
});
