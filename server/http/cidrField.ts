import { z } from 'zod';
import { canonicalCidr } from '../../services/network/addressList.ts';
import { text } from './fields.ts';

/** An address or a block of addresses; its output is the one spelling that is stored. */
export const cidrField = () =>
  text()
    .max(64, 'has at most 64 characters')
    .transform((value, ctx) => {
      const read = canonicalCidr(value);
      if ('cidr' in read) return read.cidr;
      ctx.addIssue({ code: 'custom', message: read.refused, input: value });
      return z.NEVER;
    });
