export const EVENT_TYPE_IN_EXAMPLE = {
  name: 'invoice.paid',
  description: 'An invoice was paid in full.',
  schema: {
    type: 'object',
    required: ['invoice_id', 'amount'],
    properties: { invoice_id: { type: 'string' }, amount: { type: 'number', minimum: 0 } },
  },
};

const summary = {
  name: EVENT_TYPE_IN_EXAMPLE.name,
  kind: 'custom',
  description: EVENT_TYPE_IN_EXAMPLE.description,
  version: 1,
  has_schema: true,
  created_at: '2026-11-02T09:30:00.000Z',
};

export const EVENT_TYPE_LIST_EXAMPLE = [
  { name: 'lead.created', kind: 'business', description: 'A lead was created.', version: null, has_schema: false, created_at: null },
  summary,
];

export const EVENT_TYPE_EXAMPLE = {
  ...summary,
  schema: EVENT_TYPE_IN_EXAMPLE.schema,
  versions: [{ version: 1, created_at: summary.created_at }],
};
