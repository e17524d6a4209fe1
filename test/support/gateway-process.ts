import { packageRoot } from '../../src/package-root.js';
import { findFreePorts } from '../../src/trial/free-ports.js';
import { Launched } from './launched.js';

type Wrap = (command: readonly string[]) => readonly string[];

/** The gateway as a process of its own, on a port that it has again when it is restarted. Needs what `build` makes. */
export class GatewayProcess {
  readonly port: number;
  readonly #environment: Readonly<Record<string, string>>;
  readonly #wrap: Wrap;
  #process: Launched;

  private constructor(port: number, environment: Readonly<Record<string, string>>, wrap: Wrap) {
    this.port = port;
    this.#environment = { PORT: String(port), ...environment };
    this.#wrap = wrap;
    this.#process = this.#launch();
  }

  /** Resolves when it listens. `wrap` makes the command that is run out of the gateway's own. */
  static async start(
    configPath: string,
    environment: Readonly<Record<string, string>> = {},
    wrap: Wrap = (command) => command,
  ): Promise<GatewayProcess> {
    const [port = 0] = await findFreePorts(1);
    const gateway = new GatewayProcess(port, { CLUSTER_CONFIG: configPath, ...environment }, wrap);
    await gateway.#isListening();
    return gateway;
  }

  /** Of the process that runs now. */
  get pid(): number {
    return this.#process.pid;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What it has printed since its last start. */
  get output(): string {
    return this.#process.output;
  }

  /** As {@link Launched.waitForOutput}. */
  waitForOutput(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#process.waitForOutput(pattern);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.signal(signal);
  }

  /** Resolves to the exit code, or the signal, when the process is gone. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    this.#process.signal(signal);
    return this.#process.exit();
  }

  /** Starts it again; its last process must have ended. Resolves when it listens. */
  async restart(): Promise<void> {
    this.#process = this.#launch();
    await this.#isListening();
  }

  #launch(): Launched {
    return new Launched(
      this.#wrap([process.execPath, `${packageRoot}dist/bundled/main.js`]),
      this.#environment,
    );
  }

  async #isListening(): Promise<void> {
    await this.#process.waitForOutput(/Listening on http/);
  }
}
