export { createWebhookVerifier } from './createWebhookVerifier.ts';
export type { VerifiedWebhook, WebhookVerifier, WebhookVerifierOptions } from './createWebhookVerifier.ts';
export type { WebhookHeaders } from './readHeader.ts';
export { WebhookVerificationError } from './WebhookVerificationError.ts';
export type { WebhookVerificationCode } from './WebhookVerificationError.ts';
