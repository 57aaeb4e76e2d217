import { z } from 'zod';
import { line, text, wrong } from '../../fields.ts';

const LeakReport = z.strictObject({
  token: text().min(1, 'must not be empty').max(500, 'has at most 500 characters').describe('The text that was found.'),
  url: line(2_048).nullable().default(null).describe('Where it was found.'),
  source: line(60).nullable().default(null).describe('What it was found in, such as `content`, `commit` or `issue`.'),
});

export const LeakReportsIn = z
  .strictObject({
    reports: z
      .array(LeakReport, wrong('must be a list of reports'))
      .min(1, 'must hold at least one report')
      .max(100, 'has at most 100 entries'),
  })
  .meta({ id: 'LeakReportsIn' });

export const LeakReportsTaken = z
  .object({ received: z.int().describe('How many reports came, whatever they were about.') })
  .meta({ id: 'LeakReportsTaken' });
