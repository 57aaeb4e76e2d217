import type { z } from 'zod';
import type { Domain } from '../../../../db/models/Domain.ts';
import { recordOf } from '../../../../services/domains/challenge.ts';
import { typeId } from '../../../ids.ts';
import type { DomainOut } from './schemas.ts';

export function presentDomain(domain: Domain): z.input<typeof DomainOut> {
  const { id, status, verifiedAt, confirmedAt, checkedAt, failures, lastFailure, createdAt } = domain;
  return {
    id: typeId('dom', id),
    domain: domain.domain,
    status,
    record: recordOf(domain),
    verified_at: verifiedAt?.toISOString() ?? null,
    confirmed_at: confirmedAt?.toISOString() ?? null,
    checked_at: checkedAt?.toISOString() ?? null,
    failures,
    last_failure: lastFailure,
    created_at: createdAt.toISOString(),
  };
}
