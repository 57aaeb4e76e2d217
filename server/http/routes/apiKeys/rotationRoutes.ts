import { changeByRequest, pickUpByRequest, readRotation, withKeys } from '../../../../services/apiKeys/rotation/changeByRequest.ts';
import type { RotationChange } from '../../../../services/apiKeys/rotation/changeByRequest.ts';
import { keepKeyRotation } from '../../../../services/apiKeys/rotation/keep.ts';
import { rotateByRequest } from '../../../../services/apiKeys/rotation/rotateByRequest.ts';
import { bestEffort } from '../../../../services/bestEffort.ts';
import type { PromisedKeyRotation } from '../../../../services/outbox/keyRotations.ts';
import type { Deps } from '../../../deps.ts';
import { idParams } from '../../params.ts';
import { route } from '../../route.ts';
import type { HandlerContext } from '../../route.ts';
import { withoutKey } from './present.ts';
import { presentRotated, presentRotation } from './presentRotation.ts';
import { ABORTED_EXAMPLE, FINISHED_EXAMPLE, KEY_ROTATION_EXAMPLE, ROTATED_KEY_EXAMPLE } from './rotationExamples.ts';
import { KeyRotationExtension, KeyRotationIn, KeyRotationOut, RotatedApiKey } from './rotationSchemas.ts';

const params = idParams('key');

export const apiKeyRotationRoutes = [
  route({
    method: 'POST',
    path: '/admin/api-keys/{id}/rotate',
    operationId: 'api_keys.rotate',
    permission: 'api_key.rotate',
    summary: 'Rotate an API key',
    description:
      'Makes the key’s successor, with the same scopes, addresses, limit, workspace and owner, in the same family, and shows it in this answer and nowhere else. Both work until the grace ends, or until the new one has been used for as long as the policy says; then the old one is retired. A key may rotate itself when it holds `api_key.rotate`; anybody else needs every permission that the key has, and a person’s key is rotated by that person or by itself. A key that rotates itself gets no longer life than it was made for, and a disabled key is rotated only when it leaked.',
    params,
    body: KeyRotationIn,
    responses: { 201: RotatedApiKey },
    errors: ['conflict'],
    idempotent: true,
    stored: withoutKey,
    examples: { body: { grace_seconds: 604_800 }, responses: { 201: ROTATED_KEY_EXAMPLE } },
    async handler({ params: { id }, body, inTenant, deps }) {
      const promised: PromisedKeyRotation[] = [];
      const asked = {
        graceSeconds: body.grace_seconds,
        expiresAt: body.expires_at ?? null,
        retireAfterFirstUseMinutes: body.retire_after_first_use_minutes,
      };
      const answer = await inTenant(async (tenant) => {
        const started = await rotateByRequest(tenant, deps.config.API_KEY_PEPPER, id, asked);
        promised.push(...started.promises);
        return { status: 201 as const, body: presentRotated({ ...(await withKeys(tenant, started.rotation)), key: started.key }) };
      });
      keepSoon(deps, promised);
      return answer;
    },
  }),
  route({
    method: 'GET',
    path: '/admin/api-keys/{id}/rotation',
    operationId: 'api_keys.rotation.get',
    permission: 'api_key.read',
    summary: 'Get the rotation of an API key',
    description:
      'The latest rotation in which this key is the old one: where it stands, when the old key retires, and from where it was last used.',
    params,
    responses: { 200: KeyRotationOut },
    examples: { responses: { 200: KEY_ROTATION_EXAMPLE } },
    async handler({ params: { id }, inTenant }) {
      return { status: 200, body: presentRotation(await inTenant((tenant) => readRotation(tenant, id))) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/api-keys/{id}/rotation/extend',
    operationId: 'api_keys.rotation.extend',
    permission: 'api_key.rotate',
    summary: 'Give the old key more time',
    description:
      'The old key works for so long from now on, and the use of the new one ends nothing any more; 90 days after the rotation began at the latest. The old key itself may ask only for a rotation that it began, until the new one is used.',
    params,
    body: KeyRotationExtension,
    responses: { 200: KeyRotationOut },
    errors: ['conflict'],
    examples: {
      body: { grace_seconds: 1_209_600 },
      responses: {
        200: {
          ...KEY_ROTATION_EXAMPLE,
          grace_ends_at: '2026-11-17T09:00:00.000Z',
          retires_at: '2026-11-17T09:00:00.000Z',
          retire_after_first_use_minutes: null,
        },
      },
    },
    handler: ({ body, ...context }) => change(context, { kind: 'extend', graceSeconds: body.grace_seconds }),
  }),
  route({
    method: 'POST',
    path: '/admin/api-keys/{id}/rotation/finish',
    operationId: 'api_keys.rotation.finish',
    permission: 'api_key.rotate',
    summary: 'Retire the old key now',
    description: 'For when everybody uses the new key, or the old one must not be used any longer. The new key may ask for it, too.',
    params,
    responses: { 200: KeyRotationOut },
    errors: ['conflict'],
    examples: { responses: { 200: FINISHED_EXAMPLE } },
    handler: (context) => change(context, { kind: 'finish' }),
  }),
  route({
    method: 'POST',
    path: '/admin/api-keys/{id}/rotation/abort',
    operationId: 'api_keys.rotation.abort',
    permission: 'api_key.rotate',
    summary: 'Abort the rotation',
    description:
      'The new key is revoked, and the old one lives on as if it had not been rotated. Possible while both work; the old key itself may ask only for a rotation that it began, until the new one is used.',
    params,
    responses: { 200: KeyRotationOut },
    errors: ['conflict'],
    examples: { responses: { 200: ABORTED_EXAMPLE } },
    handler: (context) => change(context, { kind: 'abort' }),
  }),
  route({
    method: 'POST',
    path: '/admin/api-keys/{id}/rotation/secret',
    operationId: 'api_keys.rotation.pick_up',
    permission: 'api_key.rotate',
    summary: 'Pick up the new key',
    description:
      'When the organization’s policy rotates a key (`cause: policy`), nobody is there to be shown the new one: it waits, sealed, until the old key itself or somebody who may rotate it picks it up. It is handed out once; 409 afterwards. A key whose scopes or addresses were restricted meanwhile does not get it by itself.',
    params,
    responses: { 200: RotatedApiKey },
    errors: ['conflict'],
    examples: {
      responses: {
        200: {
          ...ROTATED_KEY_EXAMPLE,
          rotation: { ...KEY_ROTATION_EXAMPLE, cause: 'policy', new_key: { first_used_at: null, handover: 'picked_up' } },
        },
      },
    },
    async handler({ params: { id }, inTenant }) {
      return { status: 200, body: presentRotated(await inTenant((tenant) => pickUpByRequest(tenant, id))) };
    },
  }),
];

type Changing = Pick<HandlerContext<{ id: string }, unknown, unknown, false, false>, 'params' | 'inTenant' | 'deps'>;

async function change({ params: { id }, inTenant, deps }: Changing, wanted: RotationChange) {
  const { view, promise } = await inTenant((tenant) => changeByRequest(tenant, id, wanted));
  keepSoon(deps, [promise]);
  return { status: 200 as const, body: presentRotation(view) };
}

function keepSoon(deps: Deps, promises: PromisedKeyRotation[]): void {
  for (const each of promises) void bestEffort(deps.logger, 'the relay tells the rotation', keepKeyRotation(deps, each));
}
