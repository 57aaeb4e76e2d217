import type { z } from 'zod';
import type { Sent } from '../../db/pipeline.ts';
import type { Origin, PersonContext } from '../../services/auth/personContext.ts';
import type { SessionRecord } from '../../services/auth/sessionRecord.ts';
import type { Actor, ChangeContext, ReadContext, TenantContext } from '../../services/context.ts';
import type { ErrorCodeName } from '../../services/errors/codes.ts';
import type { IdempotencyClaim } from '../../services/idempotency/claims.ts';
import type { Permission } from '../../services/permissions.ts';
import type { Deps } from '../deps.ts';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type Responses = Record<number, z.ZodType>;
type Nothing = z.ZodObject<Record<never, never>>;

/** What a handler returns: a declared status with the body that its schema describes. */
export type Answer<R extends Responses> = {
  [S in keyof R & number]: { status: S; headers?: Record<string, string> } & (undefined extends z.input<R[S]>
    ? { body?: z.input<R[S]> }
    : { body: z.input<R[S]> });
}[keyof R & number];

export interface HandlerContext<Params, Query, Body, Open extends boolean, Signed extends boolean> {
  /** Path parameters; ids are database uuids already. */
  params: Params;
  query: Query;
  body: Body;
  /** The body byte by byte as it was sent, for what is signed. */
  rawBody: Buffer | null;
  /** null on a public route, and for a session that is in no organization. */
  actor: Open extends true ? null : Signed extends true ? Actor | null : Actor;
  /** Set when a person asks; always on a route of `signedIn`. */
  session: Signed extends true ? SessionRecord : SessionRecord | null;
  /** From where the request came. */
  origin: Origin;
  requestId: string;
  /** Values of the request that a few operations need, names in lower case. */
  headers: Readonly<Record<string, string | string[] | undefined>>;
  deps: Deps;
  /** One transaction fenced to the actor's organization. An answer returned from `work` is stored for the Idempotency-Key with it. */
  inTenant: <T>(work: (tenant: TenantContext) => Promise<T>) => Promise<T>;
  /** The same for a read that asks for everything before it waits for an answer: one message to Postgres and back. */
  readInTenant: <T>(read: (tenant: ReadContext) => Promise<T>) => Promise<T>;
  /** The same for a change that is sent with its COMMIT, on a route that keeps no answer for an Idempotency-Key. */
  changeInTenant: <T>(change: (tenant: ChangeContext) => Promise<Sent<T>>) => Promise<T>;
  /** One transaction fenced to the rows of the session's person. */
  inUser: <T>(work: (trx: PersonContext['trx'], person: PersonContext) => Promise<T>) => Promise<T>;
  /** Set when the request carries an Idempotency-Key: for a handler that commits outside `inTenant`. */
  idempotency: IdempotencyClaim | null;
}

/** One operation: validation, permission, documentation and handler in one place. `path` is below `/api/v1`, parameters as `{id}`. */
export interface RouteSpec<
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
  R extends Responses = Responses,
  Open extends boolean = false,
  Signed extends boolean = false,
> {
  method: Method;
  path: string;
  /** Also the audit action, the metric label and the test path: `webhooks.create`. */
  operationId: string;
  /** What a key or a session needs in its organization. */
  permission?: Permission;
  public?: Open;
  /** For any session, with or without an organization, and for no API key; beside a permission, for API keys that hold it too. */
  signedIn?: Signed;
  /** For every key and every session of an organization, whatever they may do. */
  anyCredential?: true;
  summary: string;
  description?: string;
  /** Default: the noun of the operation id. */
  tags?: string[];
  params?: Params;
  query?: Query;
  /** A strict object: an unknown field is refused. */
  body?: Body;
  /** The answer is cut to the schema of its status. A status without a body: `NoContent`. */
  responses: R;
  /** Codes of `services/errors/codes.ts` beyond those that every route can answer (see commonErrors.ts). */
  errors?: ErrorCodeName[];
  /** Honours Idempotency-Key. Of a route without a permission the handler does (personClaimOf). */
  idempotent?: boolean;
  /** What of an answer is kept for a repeat with the same Idempotency-Key, where that is not all; still of the schema. */
  stored?(body: unknown): unknown;
  examples?: { body?: unknown; responses?: Record<number, unknown> };
  handler(
    ctx: HandlerContext<z.output<Params>, z.output<Query>, z.output<Body>, Open, Signed>,
  ): Answer<NoInfer<R>> | Promise<Answer<NoInfer<R>>>;
}

/** A route whose types have served their purpose: what the list, the pipeline and the documentation work with. */
export interface Route extends Omit<RouteSpec, 'params' | 'query' | 'body' | 'public' | 'signedIn' | 'handler'> {
  public?: boolean;
  signedIn?: boolean;
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
  handler(ctx: HandlerContext<unknown, unknown, unknown, boolean, boolean>): LooseAnswer | Promise<LooseAnswer>;
}

export interface LooseAnswer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Declares an operation; the handler's `ctx` is typed from the schemas. Throws unless it says in exactly one way who may call it. */
export function route<
  Params extends z.ZodType = Nothing,
  Query extends z.ZodType = Nothing,
  Body extends z.ZodType = z.ZodUndefined,
  R extends Responses = Responses,
  Open extends boolean = false,
  Signed extends boolean = false,
>(spec: RouteSpec<Params, Query, Body, R, Open, Signed>): Route {
  // A permission and signedIn together are one way: any session, and of API keys those that hold it.
  const ways = [spec.permission !== undefined || spec.signedIn === true, spec.public === true, spec.anyCredential === true];
  if (ways.filter(Boolean).length !== 1)
    throw new Error(`${spec.operationId}: exactly one of permission, public, signedIn and anyCredential`);
  if (spec.idempotent && !spec.permission && !spec.signedIn)
    throw new Error(`${spec.operationId}: an Idempotency-Key belongs to a credential of an organization, or to a person`);
  return spec as unknown as Route;
}
