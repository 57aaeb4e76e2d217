import { z } from 'zod';

export type JsonSchema = Record<string, unknown>;

/** The schemas under `components`, gathered while operations are described. */
export class Components {
  readonly schemas: Record<string, JsonSchema> = {};

  /**
   * JSON Schema (2020-12, as OpenAPI 3.1 takes it) of what is sent (`input`) or answered (`output`). A schema with `meta({ id })`
   * becomes a component. Throws when two different schemas claim one id.
   */
  describe(schema: z.ZodType, io: 'input' | 'output'): JsonSchema {
    const {
      $defs = {},
      $schema: _dialect,
      ...inline
    } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override: fitForPublic(io) }) as JsonSchema & {
      $defs?: Record<string, JsonSchema>;
    };
    for (const [id, definition] of Object.entries($defs)) this.#add(id, definition);
    const { id } = (schema.meta() ?? {}) as { id?: string };
    if (id === undefined || '$ref' in inline) return pointToComponents(inline);
    this.#add(id, inline);
    return { $ref: `#/components/schemas/${id}` };
  }

  #add(id: string, { $schema: _dialect, id: _id, ...definition }: JsonSchema): void {
    const described = pointToComponents(definition);
    const known = this.schemas[id];
    if (known && JSON.stringify(known) !== JSON.stringify(described)) throw new Error(`Two different schemas are called ${id}`);
    this.schemas[id] = described;
  }
}

/**
 * Answers may gain fields without a new version, so clients must not be told that there will be none.
 * `format: date-time` says in two words what the pattern beside it says in four lines.
 * An integer without bounds has those of JavaScript, which are no promise of the API.
 */
const fitForPublic =
  (io: 'input' | 'output') =>
  ({ jsonSchema }: { jsonSchema: JsonSchema }): void => {
    if (io === 'output' && jsonSchema['additionalProperties'] === false) delete jsonSchema['additionalProperties'];
    if (jsonSchema['format'] === 'date-time') delete jsonSchema['pattern'];
    if (jsonSchema['minimum'] === Number.MIN_SAFE_INTEGER) delete jsonSchema['minimum'];
    if (jsonSchema['maximum'] === Number.MAX_SAFE_INTEGER) delete jsonSchema['maximum'];
  };

function pointToComponents<T extends JsonSchema>(schema: T): T {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as T;
}
