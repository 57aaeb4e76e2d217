import { sleep } from '@temporalio/workflow';

// What a careless edit would be: a timer in front of everything. The replay gate must refuse it.

export async function deliveryBatch(): Promise<void> {
  await sleep('1 minute');
}

export async function endpointDelivery(): Promise<void> {
  await sleep('1 minute');
}

export async function domainVerification(): Promise<void> {
  await sleep('1 minute');
}

export async function mailDelivery(): Promise<void> {
  await sleep('1 minute');
}

export async function outboxRelay(): Promise<void> {
  await sleep('1 minute');
}

export async function webhookSecretRotation(): Promise<void> {
  await sleep('1 minute');
}

export async function webhookReplay(): Promise<void> {
  await sleep('1 minute');
}

export async function payloadErasure(): Promise<void> {
  await sleep('1 minute');
}

export async function encryptionKeyRotation(): Promise<void> {
  await sleep('1 minute');
}

export async function webhookRetention(): Promise<void> {
  await sleep('1 minute');
}

export async function webhookStats(): Promise<void> {
  await sleep('1 minute');
}

export async function keyRotation(): Promise<void> {
  await sleep('1 minute');
}

export async function keySweep(): Promise<void> {
  await sleep('1 minute');
}

export async function organizationDeletion(): Promise<void> {
  await sleep('1 minute');
}

export async function signingKeyRotation(): Promise<void> {
  await sleep('1 minute');
}
