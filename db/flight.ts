import pg from 'pg';
import { typeParsers } from './knex.ts';

/** A statement that Postgres keeps parsed and planned on each connection: one name stands for one text. Placeholders are `$1`, `$2`, … */
export interface Statement {
  name: string;
  text: string;
  values: unknown[];
}

/** What Postgres answered to one statement. */
export type Answer<R extends pg.QueryResultRow> = Pick<pg.QueryResult<R>, 'rows' | 'rowCount' | 'command'>;

/** A statement of a flight, and who waits for its answer. */
export interface Passenger {
  statement: Statement;
  resolve: (answer: Answer<pg.QueryResultRow>) => void;
  reject: (error: Error) => void;
}

/** What of the driver's connection is used here. */
interface Wire {
  stream: { cork(): void; uncork(): void; destroy(error: unknown): void };
  /** Names and texts: Postgres knows them, or will when it has read what was sent. */
  parsedStatements: Record<string, string>;
  submittedNamedStatements: Record<string, string>;
  parse(message: { name: string; text: string }): void;
  /** Of a statement; no error when there is none. */
  close(message: { type: 'S'; name: string }): void;
  bind(message: { statement: string; values: unknown[] }): void;
  describe(message: { type: 'P' }): void;
  execute(): void;
  sync(): void;
}

type Columns = { name: string; parse: (text: string) => unknown }[];

const { prepareValue } = (pg as unknown as { utils: { prepareValue: (value: unknown) => unknown } }).utils;

/** The statement with its values as the driver writes them: text, bytes or null. Throws what a value that has no text throws. */
export const withTexts = (statement: Statement): Statement => ({ ...statement, values: statement.values.map(prepareValue) });

const types = typeParsers();
const TAG = /^([A-Z]+).*?(?: (\d+))?$/;

/** The columns of statements by connection and name. They are asked for once: Postgres refuses a kept statement whose columns changed. */
const columnsOf = new WeakMap<Wire, Map<string, Columns>>();
/** Names of statements that flights gave Postgres to parse, by connection: whether it did is known once it has answered. */
const givenTo = new WeakMap<Wire, Set<string>>();

/**
 * Statements with one Sync behind all of them. Postgres answers each Sync with a write of its own, and that wakes this process. After a
 * statement that fails the rest is passed over. Outside of a transaction block they are one transaction, which the Sync commits.
 */
export class Flight extends pg.Query {
  readonly #passengers: readonly Passenger[];
  #columns = new Map<string, Columns>();
  /** Whose answer comes next. */
  #at = 0;
  #failedAt = Infinity;
  #rows: pg.QueryResultRow[] = [];
  /** A value that no parser of ours could read. */
  #unreadable: Error | null = null;
  /** Of the statement whose answer comes next, when it has to be parsed: the driver notes that it was. */
  declare name: string | undefined;
  declare text: string | undefined;
  /** The driver puts it here. Called once: with the answer to the Sync, or with an error, after which the driver passes nothing more on. */
  declare callback: ((error: Error | null) => void) | undefined;
  readonly #parsed = new Set<Statement>();
  /** Those of them that Postgres may have had before. */
  readonly #again = new Set<Statement>();
  /** Statements that may each take as long as one may, before there is an answer (destroyWhenSilent). */
  readonly statements: number;

  /** Values of statements as withTexts makes them. */
  constructor(passengers: readonly Passenger[], statements: number) {
    super('');
    this.#passengers = passengers;
    this.statements = statements;
    this.#expectNext();
  }

  /** After an error: whether the connection still has the statements that the driver thinks it has. */
  get leavesDoubt(): boolean {
    const failed = this.#passengers[this.#failedAt]?.statement;
    return failed !== undefined && this.#again.has(failed);
  }

  override submit = (connection: unknown): void => {
    const wire = connection as Wire;
    this.#columns = columnsOf.get(wire) ?? new Map<string, Columns>();
    columnsOf.set(wire, this.#columns);
    wire.stream.cork();
    try {
      for (const { statement } of this.#passengers) this.#write(wire, statement);
      wire.sync();
    } catch (error) {
      // What was written before it must not become a transaction of its own.
      wire.stream.destroy(error);
    } finally {
      wire.stream.uncork();
    }
    this.#expectNext();
  };

  #write(wire: Wire, statement: Statement): void {
    const { name, text, values } = statement;
    const given = givenTo.get(wire) ?? new Set<string>();
    givenTo.set(wire, given);
    const before = wire.parsedStatements[name] ?? wire.submittedNamedStatements[name];
    if (before !== undefined && before !== text) throw new Error(`The statement ${name} has two texts`);
    const isMine = [...this.#parsed].some((parsed) => parsed.name === name);
    if (wire.parsedStatements[name] === undefined && !isMine) {
      // Another flight that is on its way gave it too, or one that failed: Postgres may have it, or have passed it over.
      if (given.has(name)) {
        wire.close({ type: 'S', name });
        this.#again.add(statement);
      }
      wire.parse({ name, text });
      wire.submittedNamedStatements[name] = text;
      given.add(name);
      this.#parsed.add(statement);
    }
    wire.bind({ statement: name, values });
    if (!this.#columns.has(name)) wire.describe({ type: 'P' });
    wire.execute();
  }

  #expectNext(): void {
    const statement = this.#passengers[this.#at]?.statement;
    const isParsed = statement !== undefined && this.#parsed.has(statement);
    this.name = isParsed ? statement.name : undefined;
    this.text = isParsed ? statement.text : undefined;
    this.#rows = [];
    this.#unreadable = null;
  }

  handleRowDescription({ fields }: { fields: pg.FieldDef[] }): void {
    const columns = fields.map(({ name, dataTypeID }) => ({
      name,
      parse: types.getTypeParser(dataTypeID, 'text') as unknown as (text: string) => unknown,
    }));
    this.#columns.set(this.#passengers[this.#at]!.statement.name, columns);
  }

  handleDataRow({ fields }: { fields: (string | null)[] }): void {
    const columns = this.#columns.get(this.#passengers[this.#at]!.statement.name)!;
    const row: pg.QueryResultRow = {};
    try {
      for (let n = 0; n < fields.length; n += 1) {
        const { name, parse } = columns[n]!;
        const value = fields[n]!;
        row[name] = value === null ? null : parse(value);
      }
      this.#rows.push(row);
    } catch (error) {
      this.#unreadable ??= error as Error;
    }
  }

  handleCommandComplete({ text: tag }: { text: string }): void {
    const { statement, resolve, reject } = this.#passengers[this.#at]!;
    if (!this.#columns.has(statement.name)) this.#columns.set(statement.name, []);
    const [, command = tag, count] = TAG.exec(tag) ?? [];
    if (this.#unreadable) reject(this.#unreadable);
    else resolve({ command, rowCount: count === undefined ? null : Number(count), rows: this.#rows });
    this.#at += 1;
    this.#expectNext();
  }

  /** Postgres refused the next statement or, when all are answered, the commit; or the connection is lost. */
  handleError(error: Error, connection: Wire): void {
    this.#failedAt = this.#at;
    this.callback?.(error);
    for (const { statement, reject } of this.#passengers.slice(this.#at)) {
      if (this.#parsed.has(statement)) delete connection.submittedNamedStatements[statement.name];
      reject(error);
    }
    this.#at = this.#passengers.length;
  }

  handleReadyForQuery(): void {
    this.callback?.(null);
  }
}
