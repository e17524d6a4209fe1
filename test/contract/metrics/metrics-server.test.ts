import { afterEach, beforeEach, expect, test } from 'vitest';
import { MetricsServer } from '../../../src/metrics/metrics-server.js';

const metrics = {
  contentType: 'text/plain; version=0.0.4',
  text: async () => 'a_metric 1\n',
  stop: () => {},
};
let server: MetricsServer;
let url: string;
beforeEach(async () => {
  server = new MetricsServer(metrics, { host: '127.0.0.1', port: 0 });
  ({ url } = await server.start());
});
afterEach(() => server.stop());

test('Prometheus finds the metrics at the address of their own, and nobody finds anything else there', async () => {
  const response = await fetch(url);
  expect(response.headers.get('content-type')).toBe(metrics.contentType);
  expect(await response.text()).toBe('a_metric 1\n');
  expect((await fetch(new URL('/graphql', url))).status).toBe(404);
  expect((await fetch(url, { method: 'POST' })).status).toBe(404);
});

test('an address that is taken is told, with the setting to change', async () => {
  const other = new MetricsServer(metrics, { host: '127.0.0.1', port: Number(new URL(url).port) });
  await expect(other.start()).rejects.toThrow(/EADDRINUSE.*METRICS_ADDRESS/);
  await other.stop();
});
