import { guardedByAddress } from '../../../../services/auth/guardedByAddress.ts';
import { assertSigned } from '../../../../services/leakReports/assertSigned.ts';
import { takeReports } from '../../../../services/leakReports/takeReports.ts';
import { route } from '../../route.ts';
import type { HandlerContext } from '../../route.ts';
import { LeakReportsIn, LeakReportsTaken } from './schemas.ts';

export const leakReportRoutes = [
  route({
    method: 'POST',
    path: '/leak-reports',
    operationId: 'leak_reports.create',
    public: true,
    summary: 'Report API keys that leaked',
    description:
      'For services that find secrets where strangers can read them. Three headers sign the request: `Leak-Report-Key-Id`, `Leak-Report-Timestamp` (seconds since 1970, within five minutes) and `Leak-Report-Signature`, base64 of the signature over `<timestamp>.<body>` with ECDSA P-256 and SHA-256 (DER) or Ed25519, by a key that the operator has configured. Keys that are genuine are disabled where their organization wants that, and their owners are told. The answer is the same whether there were any.',
    body: LeakReportsIn,
    responses: { 202: LeakReportsTaken },
    errors: ['report_signature_invalid', 'too_many_attempts'],
    examples: {
      body: {
        reports: [{ token: '<the text that was found>', url: 'https://code.example/acme/scripts/blob/main/sync.ts', source: 'content' }],
      },
      responses: { 202: { received: 1 } },
    },
    async handler({ body, headers, origin, rawBody, requestId, deps }) {
      const reporter = await guardedByAddress(deps.auth.throttle, origin, async () =>
        assertSigned(deps.reporters, signatureOf(headers, rawBody), deps.clock.now()),
      );
      const { found, mails } = await takeReports(deps, { reporter, requestId }, body.reports);
      deps.mail.wake(...mails);
      deps.metrics.leakReports.inc({ outcome: 'genuine' }, found);
      deps.metrics.leakReports.inc({ outcome: 'unknown' }, body.reports.length - found);
      return { status: 202, body: { received: body.reports.length } };
    },
  }),
];

type Sent = Pick<HandlerContext<unknown, unknown, unknown, true, false>, 'headers' | 'rawBody'>;

function signatureOf(headers: Sent['headers'], rawBody: Sent['rawBody']) {
  const header = (name: string): string | undefined => {
    const value = headers[name];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    reporter: header('leak-report-key-id'),
    timestamp: header('leak-report-timestamp'),
    signature: header('leak-report-signature'),
    body: rawBody ?? Buffer.alloc(0),
  };
}
