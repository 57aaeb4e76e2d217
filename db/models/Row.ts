import { Model, snakeCaseMappers } from 'objection';

/** What all models share. Use them with the transaction of the tenant, never globally: `ApiKey.query(trx)`. */
export class Row extends Model {
  static override columnNameMappers = snakeCaseMappers();
}
