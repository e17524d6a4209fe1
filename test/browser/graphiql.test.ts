import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePorts } from '../../src/trial/free-ports.js';
import { useBrowser, type Visit, type VisitOptions } from '../support/browser.js';
import { waitFor } from '../../src/trial/wait-for.js';
import { useCluster } from '../support/cluster.js';
import { listAndAdd, seeText, watchLeaderDie, type Editor } from '../support/editor-story.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

/* GraphiQL as the build bundles it. That no other origin is asked, and no script fails, is seen to by useBrowser. */

const cluster = useCluster();
const visit = useBrowser();
let gateway: TestGateway;
beforeAll(async () => {
  gateway = await startGateway(cluster());
});
afterAll(() => gateway?.stop());

const operationNames: Readonly<Record<string, string>> = {
  'List employees': 'ListEmployees',
  'Add an employee': 'AddEmployee',
  'Watch the leader': 'WatchLeader',
};

async function openGraphiql(url = gateway.url, options: VisitOptions = {}): Promise<Editor & Visit> {
  const opened = await visit(`${url}/graphiql`, options);
  const { page } = opened;
  await page.locator('.graphiql-query-editor .monaco-editor').waitFor();
  return {
    ...opened,
    // Tabs are named after the operation in them.
    choose: (example) => page.getByRole('tab', { name: operationNames[example] ?? example }).click(),
    run: () => page.locator('.graphiql-execute-button').click(),
    seesResult: (text) => seeText(page, '.graphiql-response', text),
  };
}

test('GraphiQL runs its examples: a query and a mutation', async () => {
  await listAndAdd(await openGraphiql(), 'graphiql');
});

test('GraphiQL sees a leader die and another one elected', async () => {
  const graphiql = await openGraphiql();
  await watchLeaderDie(graphiql, { cluster: cluster(), name: 'graphiql' });
  expect(graphiql.socketProtocols).toEqual(['graphql-transport-ws']);
});

test('GraphiQL says that its gateway is gone, and goes on when it is back', async () => {
  const [port] = await findFreePorts(1);
  const environment = { PORT: String(port) };
  const first = await startGateway(cluster(), environment);
  const { page, choose, run, seesResult } = await openGraphiql(first.url, {
    forgives: /ERR_CONNECTION_REFUSED/,
  });
  const leader = await cluster().waitForLeader();
  await choose('Watch the leader');
  await run();
  await seesResult(/"kind": "CURRENT"/);
  const link = page.locator('#link');
  expect(await link.textContent()).toBe('');
  // The last thing that the page fetches, some time after all else; its editor reports it as an error when it cannot.
  const hasWorker = () => page.workers().some((worker) => worker.url().includes('graphql.worker'));
  await waitFor('the editor has its worker', hasWorker, { timeoutMs: 10_000 });

  await first.stop();
  await link.filter({ hasText: 'The gateway does not answer' }).waitFor();
  await cluster().kill(leader);
  const successor = await cluster().waitForLeader({ not: leader });
  const second = await startGateway(cluster(), environment);
  try {
    await seesResult(new RegExp(`"name": "${successor}"`));
    expect(await link.textContent()).toBe('');
    await cluster().restart(leader);
  } finally {
    await second.stop();
  }
});

test('GraphiQL links to the schema', async () => {
  const { page } = await openGraphiql();
  const download = page.waitForEvent('download');
  await page.getByRole('link', { name: 'schema.graphql' }).click();
  expect((await download).suggestedFilename()).toBe('schema.graphql');
});
