import { route } from '../../route.ts';
import { Jwks } from './schemas.ts';

/** Far shorter than a new key is published before it signs. */
const MAX_AGE_SECONDS = 300;

export const jwksRoutes = [
  route({
    method: 'GET',
    path: '/.well-known/jwks.json',
    operationId: 'auth.jwks',
    public: true,
    summary: 'The public keys of access tokens',
    description:
      'A JWK set (RFC 7517), at the root too. A new key is here an hour before it signs, an old one until its last token has expired. The API itself looks every session up; a service that only checks the signature accepts an ended one for up to ten minutes.',
    responses: { 200: Jwks },
    examples: {
      responses: {
        200: {
          keys: [
            {
              kty: 'OKP',
              crv: 'Ed25519',
              x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
              kid: 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k',
              alg: 'EdDSA',
              use: 'sig',
            },
          ],
        },
      },
    },
    async handler({ deps }) {
      const headers = { 'Cache-Control': `public, max-age=${MAX_AGE_SECONDS}` };
      return { status: 200, headers, body: { keys: await deps.auth.keyRing.published() } };
    },
  }),
];
