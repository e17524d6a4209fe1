import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Address, formatAddress } from '../cluster-config/address.js';
import { OperatorError } from '../operator-error.js';
import type { Metrics } from './metrics.js';

/** What it needs of them. */
type Scraped = Pick<Metrics, 'contentType' | 'text' | 'stop'>;

/** Serves `/metrics`, and nothing else, at an address of its own: clients of the gateway have no business with it. */
export class MetricsServer {
  readonly #metrics: Scraped;
  readonly #address: Address;
  readonly #server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    this.#metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': this.#metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    );
  });

  constructor(metrics: Scraped, address: Address) {
    this.#metrics = metrics;
    this.#address = address;
  }

  /** Resolves to where it listens; rejects with OperatorError. */
  async start(): Promise<{ readonly url: string }> {
    const { host, port } = this.#address;
    try {
      this.#server.listen(port, host);
      await once(this.#server, 'listening');
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new OperatorError('Cannot serve metrics', [`${reason}: set METRICS_ADDRESS to another`], {
        cause,
      });
    }
    const bound: AddressInfo | string | null = this.#server.address();
    if (bound === null || typeof bound === 'string') throw new Error('The server listens on no TCP port');
    return { url: `http://${formatAddress({ host, port: bound.port })}/metrics` };
  }

  async stop(): Promise<void> {
    this.#metrics.stop();
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}
