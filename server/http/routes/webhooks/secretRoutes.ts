import { bestEffort } from '../../../../services/bestEffort.ts';
import type { PromisedRotation } from '../../../../services/outbox/rotations.ts';
import { keepRotation } from '../../../../services/webhooks/keepRotation.ts';
import { rotateSecret } from '../../../../services/webhooks/rotateSecret.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import { WEBHOOK_CREATED_EXAMPLE, WEBHOOK_EXAMPLE } from './examples.ts';
import { presentCreated } from './present.ts';
import { SecretRotated, SecretRotation } from './secretSchemas.ts';

export const webhookSecretRoutes = [
  route({
    method: 'POST',
    path: '/admin/webhooks/{id}/rotate-secret',
    operationId: 'webhooks.rotate_secret',
    permission: 'webhook.write',
    summary: 'Rotate the signing secret of a webhook endpoint',
    description:
      'The new secret is in this answer and nowhere else: keep it. With `v1a` it is a new key in `public_keys`, the first of them. Until the overlap ends every request is signed with both, so receivers can change over in their own time; then the old one is erased. At most five secrets sign at the same time.',
    params: idParams('whk'),
    body: SecretRotation,
    responses: { 200: SecretRotated },
    errors: ['conflict'],
    idempotent: true,
    examples: {
      body: { overlap_seconds: 3_600 },
      responses: {
        200: {
          ...WEBHOOK_EXAMPLE,
          secret: WEBHOOK_CREATED_EXAMPLE.secret,
          previous_secrets_until: '2026-11-09T09:00:00.000Z',
          updated_at: '2026-11-09T08:00:00.000Z',
        },
      },
    },
    async handler({ params, body, inTenant, deps }) {
      const promised: PromisedRotation[] = [];
      const answer = await inTenant(async (tenant) => {
        const { rotations, previousUntil, ...created } = await rotateSecret(tenant, params.id, body.overlap_seconds);
        promised.push(...rotations);
        return { status: 200 as const, body: { ...presentCreated(created), previous_secrets_until: previousUntil?.toISOString() ?? null } };
      });
      for (const each of promised) void bestEffort(deps.logger, 'the relay starts what is left to start', keepRotation(deps, each));
      return answer;
    },
  }),
];
