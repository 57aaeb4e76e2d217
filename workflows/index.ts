export { deliveryBatch } from './deliveryBatch/workflow.ts';
export { endpointDelivery } from './endpointDelivery/workflow.ts';
export { outboxRelay } from './outboxRelay/workflow.ts';
export { payloadErasure } from './payloadErasure/workflow.ts';
export { webhookReplay } from './webhookReplay/workflow.ts';
export { webhookRetention } from './webhookRetention/workflow.ts';
export { webhookSecretRotation } from './webhookSecretRotation/workflow.ts';
export { webhookStats } from './webhookStats/workflow.ts';
