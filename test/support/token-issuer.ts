import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';

interface Signer {
  readonly algorithm: string;
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicJwk: JWK;
}

export interface TokenOptions {
  /** Claims to add, to change, or to leave out (undefined). */
  readonly claims?: Readonly<Record<string, unknown>>;
  readonly header?: Readonly<Record<string, unknown>>;
  /** The newest one unless it is given. */
  readonly signer?: Signer;
}

export const issuer = 'https://identity.example';
export const audience = 'employee-gateway';

/** Whoever makes tokens: with keys of its own, which are served at a URL as a JWKS. */
export class TokenIssuer implements AsyncDisposable {
  /** How often the keys were asked for. */
  fetches = 0;
  /** How the keys are answered. */
  answer: (response: ServerResponse) => void = (response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ keys: this.signers.map(({ publicJwk }) => publicJwk) }));
  };
  /** The newest is last. */
  readonly signers: Signer[] = [];
  readonly #server: Server = createServer((_request, response) => {
    this.fetches += 1;
    this.answer(response);
  });
  #port = 0;

  static async start(): Promise<TokenIssuer> {
    const started = new TokenIssuer();
    started.signers.push(await createSigner('ES256', 'first'));
    await started.listen();
    return started;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/keys`;
  }

  /** A token for `sub`, good for an hour unless its claims say otherwise. */
  async token({ claims = {}, header = {}, signer = this.newest }: TokenOptions = {}): Promise<string> {
    const now = Math.floor(Date.now() / 1_000);
    const all = {
      iss: issuer,
      aud: audience,
      sub: 'ada',
      iat: now,
      exp: now + 3_600,
      roles: ['hr'],
      ...claims,
    };
    const present = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
    return new SignJWT(present)
      .setProtectedHeader({ alg: signer.algorithm, kid: signer.kid, ...header })
      .sign(signer.privateKey);
  }

  get newest(): Signer {
    const signer = this.signers.at(-1);
    if (signer === undefined) throw new Error('There is no key');
    return signer;
  }

  async listen(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    if (typeof address === 'object' && address !== null) this.#port = address.port;
  }

  /** Nobody answers at the URL from here on. */
  async close(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

export async function createSigner(algorithm: string, kid: string): Promise<Signer> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return {
    algorithm,
    kid,
    privateKey,
    publicJwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm, use: 'sig' },
  };
}
