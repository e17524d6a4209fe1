import { openAuthenticator } from '../../../src/access/open-authenticator.js';
import { systemClock, type Clock } from '../../../src/clock.js';
import { packageRoot } from '../../../src/package-root.js';
import { parseSettings } from '../../../src/settings.js';
import { audience, issuer } from '../../support/token-issuer.js';
import { type GatewayUnderTest, startGateway } from '../http/gateway-under-test.js';

export interface GatewayWithIdentities {
  readonly gateway: GatewayUnderTest;
  /** What the operator is told of keys. */
  readonly told: readonly string[];
}

/** A gateway that lets in whoever has a token, by these settings or their defaults here. */
export async function startGatewayWithIdentities(
  environment: Readonly<Record<string, string>>,
  clock: Clock = systemClock,
): Promise<GatewayWithIdentities> {
  const settings = parseSettings(
    {
      JWT_ISSUER: issuer,
      JWT_AUDIENCE: audience,
      JWT_ALGORITHMS: 'ES256',
      JWT_CLOCK_TOLERANCE_MS: '0',
      JWT_ROLE_PERMISSIONS: 'hr=employees:read,salaries:read,employees:write,cluster:read',
      ...environment,
    },
    { cwd: packageRoot, packageRoot },
  );
  const told: string[] = [];
  const tell = (_details: object, message: string) => void told.push(message);
  const authenticator = await openAuthenticator(settings, { clock, log: { info: tell, warn: tell } });
  if (authenticator === null) throw new Error('These settings ask for no identity');
  const gateway = await startGateway({ authenticator, rows: [[1, 'John Doe', 'Manager', 5000]] });
  return { gateway, told };
}
