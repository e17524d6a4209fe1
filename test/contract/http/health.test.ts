import { afterEach, expect, test } from 'vitest';
import { UnauthenticatedError } from '../../../src/access/errors.js';
import { waitFor } from '../../../src/trial/wait-for.js';
import { everybodyMay } from '../../support/identities.js';
import { type GatewayUnderTest, startGateway } from './gateway-under-test.js';

let gateway: GatewayUnderTest;
afterEach(() => gateway.stop());

async function probe(path: string): Promise<[number, unknown]> {
  const response = await fetch(gateway.url + path);
  return [response.status, await response.json()];
}

test('the process is alive whatever the cluster does, and ready only while a leader is writable', async () => {
  gateway = await startGateway();
  expect(await probe('/readyz')).toEqual([200, { status: 'ready', leader: 'instance001', term: 1 }]);
  gateway.replicaSet.loseLeader();
  expect(await probe('/readyz')).toEqual([503, { status: 'electing', term: 1 }]);
  expect(await probe('/livez')).toEqual([200, { status: 'alive' }]);
  gateway.replicaSet.elect('instance002');
  expect(await probe('/readyz')).toEqual([200, { status: 'ready', leader: 'instance002', term: 2 }]);
  expect(gateway.replicaSet.calls).toEqual([]);
});

test('it has started when it knows of each node whether it answers', async () => {
  gateway = await startGateway();
  gateway.replicaSet.observeNode('instance003', { reach: 'unknown' });
  expect(await probe('/startupz')).toEqual([503, { status: 'starting' }]);
  gateway.replicaSet.observeNode('instance003', { reach: 'unreachable' });
  expect(await probe('/startupz')).toEqual([200, { status: 'started' }]);
});

test('balancers are to send it requests as long as a leader may come in time, though it is not ready', async () => {
  gateway = await startGateway({ settings: { requestTimeoutMs: 300 } });
  expect(await probe('/readyz/accepting')).toEqual([200, { status: 'accepting' }]);
  gateway.replicaSet.loseLeader();
  expect(await probe('/readyz/accepting')).toEqual([200, { status: 'accepting' }]);
  const isRefused = async () => (await fetch(`${gateway.url}/readyz/accepting`)).status === 503;
  await waitFor('it gives up', isRefused);
  expect(await probe('/readyz/accepting')).toEqual([503, { status: 'electing' }]);
  gateway.replicaSet.elect('instance002');
  expect(await probe('/readyz/accepting')).toEqual([200, { status: 'accepting' }]);
});

test('who leads is told to those who may read the cluster, the status to everybody', async () => {
  gateway = await startGateway({ authenticator: everybodyMay('employees:read') });
  expect(await probe('/readyz')).toEqual([200, { status: 'ready' }]);
  gateway.replicaSet.loseLeader();
  expect(await probe('/readyz')).toEqual([503, { status: 'electing' }]);
});

test('a probe needs no token', async () => {
  const authenticator = {
    identify: () => {
      throw new UnauthenticatedError('Send a token');
    },
  };
  gateway = await startGateway({ authenticator });
  expect(await probe('/readyz')).toEqual([200, { status: 'ready' }]);
});
